import QtQuick
import Nibble

/// A block of an answer (see markdown_blocks.h): prose, code or a formula.
Item {
    id: part

    required property var block
    signal linkChosen(address: string)

    implicitHeight: block.code ? code.implicitHeight : prose.implicitHeight

    Loader {
        id: prose
        active: !part.block.code
        width: parent.width
        sourceComponent: ProseBlock {
            text: part.block.text
            formula: part.block.formula
            onLinkChosen: address => part.linkChosen(address)
        }
    }
    Loader {
        id: code
        active: part.block.code
        width: parent.width
        sourceComponent: CodeBlock {
            code: part.block.text
            language: part.block.language
        }
    }
}
