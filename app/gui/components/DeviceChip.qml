import QtQuick
import Nibble

/// What the engine runs on, always in sight.
Rectangle {
    id: chip

    property string text
    property string detail
    property bool compact: false

    implicitHeight: compact ? Theme.scaled(34) : Math.max(label.implicitHeight + Theme.gap, Theme.scaled(34))
    radius: Theme.radiusS
    color: Theme.card
    border.width: 1
    border.color: chip.activeFocus ? Theme.focus : Theme.border
    visible: text !== ""
    activeFocusOnTab: true
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.description: detail

    Icon {
        id: icon
        anchors.left: chip.left
        anchors.leftMargin: chip.compact ? (chip.width - width) / 2 : Theme.gap
        anchors.verticalCenter: parent.verticalCenter
        width: Theme.scaled(16)
        height: width
        name: "chip"
        color: Theme.secondaryText
    }
    CaptionText {
        id: label
        visible: !chip.compact
        anchors.left: icon.right
        anchors.right: parent.right
        anchors.margins: Theme.gapS
        anchors.verticalCenter: parent.verticalCenter
        text: chip.text
        Accessible.ignored: true
    }
    HoverHandler { id: hover }
    Tip {
        text: chip.compact ? chip.text + "\n" + chip.detail : chip.detail
        shown: hover.hovered || chip.activeFocus
        y: -implicitHeight - 6
    }
}
