import QtQuick
import QtQuick.Templates as T
import Nibble

T.ScrollBar {
    id: control

    implicitWidth: 10
    implicitHeight: 10
    padding: 2
    visible: policy === T.ScrollBar.AlwaysOn || size < 1
    minimumSize: 0.08
    Accessible.ignored: true

    contentItem: Rectangle {
        implicitWidth: 6
        implicitHeight: 6
        radius: 3
        color: Theme.fieldBorder
        opacity: control.pressed ? 1 : control.hovered ? 0.8 : 0.45
    }
}
