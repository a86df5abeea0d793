import QtQuick
import QtQuick.Templates as T
import Nibble

/// How far a job is, 0..1; below 0 where nobody knows.
T.ProgressBar {
    id: control

    property string name
    property real fraction: -1 // `value` would be kept at 0
    /// Nobody knows how far the job is, and nothing may move.
    readonly property bool still: indeterminate && Appearance.calm

    implicitWidth: 200
    implicitHeight: 8
    from: 0
    to: 1
    value: Math.max(0, fraction)
    indeterminate: fraction < 0
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
            x: !control.indeterminate && control.mirrored ? parent.width - width : 0
            width: control.still ? parent.width : control.indeterminate ? parent.width * 0.3 : Math.max(parent.height, parent.width * control.position)
            opacity: control.still ? 0.35 : 1
            color: Theme.accent
            SequentialAnimation on x {
                running: control.indeterminate && control.visible && !control.still
                loops: Animation.Infinite
                alwaysRunToEnd: false
                NumberAnimation { from: 0; to: control.availableWidth * 0.7; duration: 900; easing.type: Easing.InOutQuad }
                NumberAnimation { from: control.availableWidth * 0.7; to: 0; duration: 900; easing.type: Easing.InOutQuad }
            }
        }
    }
}
