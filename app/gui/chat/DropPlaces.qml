pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Where a chat that is being dragged can be dropped: no project, or each of them.
Card {
    id: places

    required property ProjectList projects
    /// Of the pointer, here. Near an edge it brings what lies behind it into sight.
    property real pointer: -1
    readonly property int edge: Theme.scaled(28)
    readonly property int step: pointer < 0 || pointer > height ? 0 : pointer < edge ? -5 : pointer > height - edge ? 5 : 0
    signal picked(place: int)
    signal scrolled()

    implicitHeight: column.implicitHeight + 2 * Theme.gapS
    border.color: Theme.accent
    Accessible.ignored: true // there is a list with the same choices, "Project of this chat"

    Flickable {
        id: list
        anchors.fill: parent
        clip: true
        interactive: false // the mouse is busy
        contentHeight: column.implicitHeight + 2 * Theme.gapS
        ColumnLayout {
            id: column
            x: Theme.gapS
            y: Theme.gapS
            width: list.width - 2 * Theme.gapS
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
    Timer {
        interval: 16
        repeat: true
        running: places.visible && places.step !== 0
        onTriggered: {
            const before = list.contentY;
            list.contentY = Math.max(0, Math.min(before + places.step, list.contentHeight - list.height));
            if (list.contentY !== before)
                places.scrolled();
        }
    }
    onVisibleChanged: list.contentY = 0
}
