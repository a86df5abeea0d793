import QtQuick
import QtQuick.Layouts
import Nibble

/// Code of an answer: as it is, coloured, with Copy.
Rectangle {
    id: block

    property string code
    property string language

    implicitHeight: head.height + area.implicitHeight + Theme.gap + Theme.gapS
    radius: Theme.radiusS
    color: Theme.raised
    border.width: 1
    border.color: Theme.border
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Code")

    RowLayout {
        id: head
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: Theme.gap
        anchors.rightMargin: Theme.gapXs
        CaptionText {
            Layout.fillWidth: true
            text: block.language === "" ? qsTr("code") : block.language
        }
        IconButton {
            iconName: "copy"
            text: qsTr("Copy the code")
            onClicked: Clipboard.copy(block.code)
        }
    }
    Flickable {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: head.bottom
        anchors.bottom: parent.bottom
        anchors.leftMargin: Theme.gap
        anchors.rightMargin: Theme.gap
        contentWidth: area.implicitWidth
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        TextEdit {
            id: area
            text: block.code
            textFormat: TextEdit.PlainText
            readOnly: true
            selectByMouse: true
            activeFocusOnTab: false
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentText
            font.family: Theme.codeFamily
            font.pointSize: Theme.captionSize
            Accessible.role: Accessible.StaticText
            Accessible.name: block.code
            CodeHighlighter {
                text: area.textDocument
                language: block.language
                comments: Theme.secondaryText
                strings: Theme.good
                keywords: Theme.accent
                numbers: Theme.warn
            }
        }
    }
}
