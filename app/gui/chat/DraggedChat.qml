import QtQuick
import Nibble

/// What hangs on the pointer while a chat is dragged. `grip`: of the row, in the scene.
Rectangle {
    id: dragged

    property string title
    property point grip
    property real nudge: 0 // another value: what is below the pointer has changed, though the pointer has not

    // Below the pointer, so that what it is on stays readable.
    x: parent.mapFromItem(null, grip.x, grip.y).x + Theme.gap
    y: parent.mapFromItem(null, grip.x, grip.y).y + Theme.gapL + nudge
    width: Math.min(label.implicitWidth + 2 * Theme.gapS, Theme.scaled(220))
    height: label.implicitHeight + Theme.gapS
    radius: Theme.radiusS
    color: Theme.accentSoft
    border.width: 1
    border.color: Theme.accent
    Accessible.ignored: true
    Drag.hotSpot: Qt.point(-Theme.gap, -Theme.gapL)

    BodyText {
        id: label
        anchors.verticalCenter: parent.verticalCenter
        x: Theme.gapS
        width: parent.width - 2 * Theme.gapS
        text: dragged.title
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
    }
}
