import QtQuick
import QtQuick.Layouts
import Nibble

/// Icon and title of a starting point.
ColumnLayout {
    id: head

    property string iconName
    property string title

    spacing: Theme.gap
    Rectangle {
        Layout.preferredWidth: Theme.scaled(44)
        Layout.preferredHeight: Theme.scaled(44)
        radius: Theme.radiusS
        color: Theme.accentSoft
        Icon {
            anchors.centerIn: parent
            width: Theme.scaled(24)
            height: width
            name: head.iconName
            color: Theme.accent
        }
    }
    HeadingText {
        Layout.fillWidth: true
        text: head.title
    }
}
