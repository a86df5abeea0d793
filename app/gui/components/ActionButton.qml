import QtQuick
import QtQuick.Templates as T
import Nibble

/// A button with words. `primary`: the one thing this page is for; `quiet`: without a frame.
T.Button {
    id: control

    property bool primary: false
    property bool quiet: false
    property string iconName
    property string tip

    readonly property color ink: primary ? Theme.accentText : quiet ? Theme.accent : Theme.text

    readonly property real iconRoom: iconName !== "" ? Theme.iconSize + Theme.gapS : 0

    implicitWidth: iconRoom + label.implicitWidth + leftPadding + rightPadding
    implicitHeight: Math.max(Theme.scaled(34), label.implicitHeight + topPadding + bottomPadding)
    leftPadding: Theme.scaled(quiet ? 10 : 14)
    rightPadding: leftPadding
    topPadding: Theme.scaled(6)
    bottomPadding: topPadding
    font: Theme.bodyFont
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    opacity: enabled ? 1 : 0.5
    Accessible.name: text
    Accessible.description: tip
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Item {
        Icon {
            visible: control.iconName !== ""
            x: control.mirrored ? label.x + label.width + Theme.gapS : label.x - control.iconRoom
            width: Theme.iconSize
            height: width
            anchors.verticalCenter: parent.verticalCenter
            name: control.iconName
            color: control.ink
        }
        Text {
            id: label
            x: Math.round((parent.width - width + (control.mirrored ? -1 : 1) * control.iconRoom) / 2)
            width: Math.min(implicitWidth, parent.width - control.iconRoom)
            anchors.verticalCenter: parent.verticalCenter
            text: control.text
            textFormat: Text.PlainText
            font.family: Theme.family
            font.pointSize: Theme.bodySize
            font.weight: Font.Medium
            color: control.ink
            elide: Text.ElideRight
        }
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: control.primary ? (control.hovered || control.down ? Theme.accentHover : Theme.accent)
             : control.hovered || control.down ? Theme.raised
             : control.quiet ? "transparent" : Theme.card
        border.width: control.primary || control.quiet ? 0 : 1
        border.color: Theme.fieldBorder
    }
    FocusRing { shown: control.visualFocus }
    Tip { text: control.tip; shown: control.hovered && control.tip !== "" }
}
