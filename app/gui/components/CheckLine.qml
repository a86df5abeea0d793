import QtQuick
import QtQuick.Templates as T
import Nibble

T.CheckBox {
    id: control

    implicitWidth: implicitContentWidth
    implicitHeight: Math.max(implicitContentHeight, Theme.scaled(24))
    focusPolicy: Qt.StrongFocus
    Accessible.name: text
    Keys.onReturnPressed: {
        toggle();
        toggled();
        clicked();
    }

    indicator: Rectangle {
        x: control.mirrored ? control.width - width : 0
        y: Math.round((Theme.scaled(24) - height) / 2)
        width: Theme.scaled(18)
        height: width
        radius: 5
        color: control.checked ? Theme.accent : Theme.card
        border.width: control.checked ? 0 : 1
        border.color: Theme.fieldBorder
        Icon {
            anchors.fill: parent
            anchors.margins: 2
            visible: control.checked
            name: "check"
            color: Theme.accentText
        }
    }
    contentItem: BodyText {
        leftPadding: control.mirrored ? 0 : Theme.scaled(26)
        rightPadding: Theme.scaled(26) - leftPadding
        topPadding: Theme.scaled(2)
        text: control.text
    }
    FocusRing { shown: control.visualFocus }
}
