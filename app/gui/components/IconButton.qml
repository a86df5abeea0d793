import QtQuick
import QtQuick.Templates as T
import Nibble

/// A button with only an icon: `text` is its name for screen readers and its tip.
T.Button {
    id: control

    property string iconName
    property color ink: Theme.secondaryText

    implicitWidth: Theme.scaled(32)
    implicitHeight: Theme.scaled(32)
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    opacity: enabled ? 1 : 0.5
    Accessible.name: text
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            width: Theme.iconSize
            height: width
            name: control.iconName
            color: control.hovered ? Theme.text : control.ink
        }
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: control.hovered || control.down ? Theme.raised : "transparent"
    }
    FocusRing { shown: control.visualFocus }
    Tip { text: control.text; shown: control.hovered || control.visualFocus }
}
