pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Where a chat that is being dragged can be dropped: no project, or each of them.
Card {
    id: places

    required property ProjectList projects
    signal picked(place: int)

    implicitHeight: column.implicitHeight + 2 * Theme.gapS
    border.color: Theme.accent
    Accessible.ignored: true // there is a list with the same choices, "Project of this chat"

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapS
        spacing: Theme.gapXs
        CaptionText {
            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapXs
            text: qsTr("Drop the chat here:")
        }
        Repeater {
            model: places.projects.places
            Rectangle {
                id: place
                required property int index
                required property string modelData
                Layout.fillWidth: true
                implicitHeight: Theme.scaled(36)
                radius: Theme.radiusS
                color: area.containsDrag ? Theme.accent : Theme.raised
                RowLayout {
                    anchors.fill: parent
                    anchors.leftMargin: Theme.gapS
                    anchors.rightMargin: Theme.gapS
                    spacing: Theme.gapS
                    Icon {
                        Layout.preferredWidth: Theme.iconSize
                        Layout.preferredHeight: Theme.iconSize
                        name: place.index === 0 ? "chat" : "folder"
                        color: area.containsDrag ? Theme.accentText : Theme.secondaryText
                    }
                    BodyText {
                        Layout.fillWidth: true
                        text: place.modelData
                        color: area.containsDrag ? Theme.accentText : Theme.text
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                    }
                }
                DropArea {
                    id: area
                    anchors.fill: parent
                    onDropped: places.picked(place.index)
                }
            }
        }
    }
}
