import QtQuick
import QtQuick.Layouts
import Nibble

/// Says what will be here, and how to get it. Buttons go inside.
ColumnLayout {
    id: state

    property string iconName
    property string title
    property string text
    default property alias buttons: row.data

    spacing: Theme.gap
    Rectangle {
        Layout.alignment: Qt.AlignHCenter
        Layout.preferredWidth: Theme.scaled(72)
        Layout.preferredHeight: Theme.scaled(72)
        radius: width / 2
        color: Theme.accentSoft
        Icon {
            anchors.centerIn: parent
            width: Theme.scaled(34)
            height: width
            name: state.iconName
            color: Theme.accent
        }
    }
    HeadingText {
        Layout.fillWidth: true
        Layout.topMargin: Theme.gapS
        horizontalAlignment: Text.AlignHCenter
        text: state.title
    }
    BodyText {
        Layout.alignment: Qt.AlignHCenter
        Layout.fillWidth: true
        Layout.maximumWidth: Theme.scaled(520)
        horizontalAlignment: Text.AlignHCenter
        color: Theme.secondaryText
        text: state.text
    }
    Flow {
        id: row
        Layout.alignment: Qt.AlignHCenter
        Layout.topMargin: Theme.gapS
        Layout.maximumWidth: parent.width
        spacing: Theme.gapS
    }
}
