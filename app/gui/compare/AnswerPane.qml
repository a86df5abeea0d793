import QtQuick
import QtQuick.Layouts
import Nibble

/// One of two answers beside each other. `rich`: with its changed words marked, see AnswerPair; empty: as it is.
Card {
    id: pane

    property string title
    property string facts
    property string plain
    property string thoughts
    property string rich
    property string placeholder
    property bool copyable: true

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
            BodyText {
                Layout.fillWidth: true
                text: pane.title
                wrapMode: Text.NoWrap // a second line would change the row's height while it finds its width
                elide: Text.ElideMiddle
                font.weight: Font.DemiBold
            }
            IconButton {
                visible: pane.copyable
                Layout.alignment: Qt.AlignTop
                iconName: "copy"
                text: qsTr("Copy the answer of %1").arg(pane.title)
                onClicked: Clipboard.copy(pane.plain)
            }
        }
        CaptionText {
            visible: text !== ""
            Layout.fillWidth: true
            text: pane.facts
        }
        ThoughtsBlock {
            visible: pane.thoughts !== ""
            Layout.fillWidth: true
            thoughts: pane.thoughts
        }
        TextEdit {
            Layout.fillWidth: true
            readOnly: true
            selectByMouse: true
            activeFocusOnTab: false
            wrapMode: TextEdit.Wrap
            textFormat: pane.rich === "" ? TextEdit.PlainText : TextEdit.RichText
            text: pane.rich !== "" ? pane.rich : pane.plain !== "" ? pane.plain : pane.placeholder
            color: pane.plain === "" ? Theme.secondaryText : Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentText
            font: Theme.bodyFont
            Accessible.role: Accessible.StaticText
            Accessible.name: pane.plain
        }
    }
}
