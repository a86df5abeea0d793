import QtQuick
import Nibble

/// Shows which control the keyboard acts on. Put it last into a control.
Rectangle {
    property bool shown: false
    property int gap: 2

    anchors.fill: parent
    anchors.margins: -gap - 2
    radius: Theme.radiusS + gap + 2
    visible: shown
    color: "transparent"
    border.width: 2
    border.color: Theme.focus
    z: 10
}
