import QtQuick
import QtQuick.Templates as T
import Nibble

/// An entry of the left rail; only its icon where the window is narrow.
T.AbstractButton {
    id: control

    property string iconName
    property bool current: false
    property bool compact: false
    property string keys

    implicitHeight: Theme.scaled(40)
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.PageTab
    Accessible.name: text
    Accessible.description: keys
    Accessible.selected: current
    Accessible.onPressAction: clicked()
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Item {
        Icon {
            id: icon
            anchors.left: parent.left
            anchors.leftMargin: control.compact ? (parent.width - width) / 2 : Theme.gap
            anchors.verticalCenter: parent.verticalCenter
            width: Theme.scaled(20)
            height: width
            name: control.iconName
            color: control.current ? Theme.accent : Theme.secondaryText
        }
        Text {
            visible: !control.compact
            anchors.left: icon.right
            anchors.right: parent.right
            anchors.leftMargin: Theme.gap
            anchors.verticalCenter: parent.verticalCenter
            text: control.text
            elide: Text.ElideRight
            font.family: Theme.family
            font.pointSize: Theme.bodySize
            font.weight: control.current ? Font.DemiBold : Font.Normal
            color: control.current || control.hovered ? Theme.text : Theme.secondaryText
        }
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: control.current ? Theme.accentSoft : control.hovered ? Theme.raised : "transparent"
    }
    FocusRing { shown: control.visualFocus }
    Tip {
        text: control.text + "  " + control.keys
        shown: control.hovered
        x: control.width + 8
        y: (control.height - implicitHeight) / 2
    }
}
