import QtQuick
import QtQuick.Layouts
import Nibble

/// One of two answers beside each other; the first differing word is marked.
Card {
    id: pane

    property string title
    property answerPair pair
    property bool ofOriginal: false
    readonly property string plain: ofOriginal ? pair.original : pair.smaller

    implicitHeight: column.implicitHeight + 2 * Theme.gap
    Accessible.role: Accessible.Grouping
    Accessible.name: title

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gap
        spacing: Theme.gapXs
        RowLayout {
            CaptionText {
                Layout.fillWidth: true
                maximumLineCount: 1
                elide: Text.ElideMiddle
                text: pane.title
                font.weight: Font.DemiBold
            }
            IconButton {
                Layout.alignment: Qt.AlignTop // the row's height changes while the title finds its width
                iconName: "copy"
                text: qsTr("Copy the answer of %1").arg(pane.title)
                onClicked: Clipboard.copy(pane.plain)
            }
        }
        TextEdit {
            Layout.fillWidth: true
            readOnly: true
            selectByMouse: true
            activeFocusOnTab: false
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.RichText
            text: pane.pair.marked(pane.ofOriginal, pane.ofOriginal ? Theme.accent : Theme.warn)
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentText
            font: Theme.bodyFont
            Accessible.role: Accessible.StaticText
            Accessible.name: pane.plain
        }
    }
}
