import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// A question to click, in full whatever its length.
T.Button {
    id: control

    implicitHeight: content.implicitHeight + 2 * Theme.gapL
    leftPadding: Theme.gapL
    rightPadding: Theme.gapL
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.name: text
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: RowLayout {
        id: content
        spacing: Theme.gap
        Icon {
            Layout.preferredWidth: Theme.iconSize
            Layout.preferredHeight: Theme.iconSize
            name: "chat"
            color: Theme.accent
        }
        BodyText {
            Layout.fillWidth: true
            text: control.text
            Accessible.ignored: true
        }
        Icon {
            Layout.preferredWidth: Theme.iconSize
            Layout.preferredHeight: Theme.iconSize
            name: "right"
            color: Theme.secondaryText
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: control.hovered || control.down ? Theme.raised : Theme.card
        border.width: 1
        border.color: Theme.fieldBorder
    }
    FocusRing { shown: control.visualFocus }
}
