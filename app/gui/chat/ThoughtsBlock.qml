import QtQuick
import QtQuick.Layouts
import Nibble

/// What a model thought before its answer: folded, since it is long and not what was asked for.
ColumnLayout {
    id: block

    property string thoughts
    property bool thinking // it still does
    property bool open: false

    spacing: 0
    ActionButton {
        quiet: true
        iconName: block.open ? "down" : "right"
        text: block.thinking ? qsTr("Thinking…") : qsTr("What it thought first")
        tip: block.open ? qsTr("Fold away") : qsTr("Show")
        onClicked: block.open = !block.open
    }
    BodyText {
        visible: block.open
        Layout.fillWidth: true
        Layout.leftMargin: Theme.gap
        text: block.open ? block.thoughts : ""
        color: Theme.secondaryText
    }
}
