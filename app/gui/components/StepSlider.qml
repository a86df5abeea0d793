import QtQuick
import QtQuick.Templates as T
import Nibble

/// A whole number from `from` to `to`.
T.Slider {
    id: control

    property string name

    implicitWidth: Theme.scaled(200)
    implicitHeight: Theme.scaled(28)
    stepSize: 1
    snapMode: T.Slider.SnapAlways
    focusPolicy: Qt.StrongFocus
    Accessible.name: name

    background: Rectangle {
        y: (control.height - height) / 2
        width: control.width
        height: Theme.scaled(6)
        radius: height / 2
        color: Theme.raised
        Rectangle {
            x: control.mirrored ? control.handle.x + control.handle.width / 2 : 0
            width: control.position * (control.width - control.handle.width) + control.handle.width / 2
            height: parent.height
            radius: height / 2
            color: Theme.accent
        }
    }
    handle: Rectangle {
        x: control.visualPosition * (control.width - width)
        y: (control.height - height) / 2
        width: Theme.scaled(20)
        height: width
        radius: width / 2
        color: Theme.card
        border.width: 2
        border.color: Theme.accent
        FocusRing { shown: control.visualFocus }
    }
}
