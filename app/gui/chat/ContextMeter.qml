import QtQuick
import Nibble

/// How much of what the model can keep in mind the chat fills: a whiteboard filling up.
Row {
    id: meter

    property real share: -1
    property string text

    visible: share >= 0
    spacing: Theme.gapS
    Accessible.role: Accessible.ProgressBar
    Accessible.name: qsTr("Context: %1").arg(text)

    Rectangle {
        anchors.verticalCenter: parent.verticalCenter
        width: Theme.scaled(70)
        height: Theme.scaled(6)
        radius: height / 2
        color: Theme.raised
        border.width: 1
        border.color: Theme.fieldBorder
        Rectangle {
            anchors.left: parent.left
            width: Math.max(parent.height, parent.width * Math.min(1, meter.share))
            visible: meter.share > 0
            height: parent.height
            radius: height / 2
            color: meter.share > 0.85 ? Theme.warn : Theme.accent
        }
    }
    CaptionText {
        anchors.verticalCenter: parent.verticalCenter
        text: meter.text
        Accessible.ignored: true
    }
    HoverHandler { id: hover }
    Tip {
        shown: hover.hovered
        text: qsTr("Like a whiteboard: when it is full, the oldest messages have to go.")
    }
}
