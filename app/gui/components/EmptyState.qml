import QtQuick
import QtQuick.Layouts
import Nibble

/// Says what will be here, and how to get it. Buttons go inside. Scrolls where it is higher than its place.
Item {
    id: state

    property string iconName
    property string title
    property string text
    default property alias buttons: row.data
    /// No button may be wider.
    readonly property real buttonWidth: width - 24

    implicitHeight: Math.min(area.contentHeight, parent ? parent.height : area.contentHeight)

    ScrollArea {
        id: area
        anchors.fill: parent
        ColumnLayout {
            width: parent ? parent.width : 0
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
                Layout.margins: 4
                Layout.maximumWidth: state.width - 8
                spacing: Theme.gapS
            }
        }
    }
}
