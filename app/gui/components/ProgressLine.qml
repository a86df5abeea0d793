import QtQuick
import QtQuick.Templates as T
import Nibble

/// How far a job is, 0..1; below 0 where nobody knows.
T.ProgressBar {
    id: control

    property string name

    implicitWidth: 200
    implicitHeight: 8
    from: 0
    to: 1
    indeterminate: value < 0
    Accessible.role: Accessible.ProgressBar
    Accessible.name: name

    background: Rectangle {
        radius: height / 2
        color: Theme.raised
    }
    contentItem: Item {
        Rectangle {
            id: bar
            radius: height / 2
            height: parent.height
            width: control.indeterminate ? parent.width * 0.3 : Math.max(parent.height, parent.width * control.visualPosition)
            color: Theme.accent
            SequentialAnimation on x {
                running: control.indeterminate && control.visible
                loops: Animation.Infinite
                alwaysRunToEnd: false
                NumberAnimation { from: 0; to: control.availableWidth * 0.7; duration: 900; easing.type: Easing.InOutQuad }
                NumberAnimation { from: control.availableWidth * 0.7; to: 0; duration: 900; easing.type: Easing.InOutQuad }
                onStopped: bar.x = 0
            }
        }
    }
}
