pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// The files that go with the next question, each with what it costs of the model's context.
ColumnLayout {
    id: attachments

    required property AttachmentList attached

    spacing: Theme.gapS

    Flow {
        Layout.fillWidth: true
        spacing: Theme.gapS
        Repeater {
            model: attachments.attached.files
            Rectangle {
                id: chip
                required property int index
                required property var modelData
                implicitWidth: Math.min(row.implicitWidth + Theme.gap, attachments.width)
                implicitHeight: row.implicitHeight + 4
                radius: Theme.radiusS
                color: Theme.raised
                border.width: 1
                border.color: Theme.border
                Accessible.role: Accessible.Grouping
                Accessible.name: qsTr("File %1, %2").arg(modelData.name).arg(modelData.size)
                RowLayout {
                    id: row
                    anchors.fill: parent
                    anchors.leftMargin: Theme.gapS
                    spacing: Theme.gapXs
                    Icon {
                        Layout.preferredWidth: Theme.iconSize
                        Layout.preferredHeight: Theme.iconSize
                        name: "file"
                        color: Theme.secondaryText
                    }
                    CaptionText {
                        Layout.fillWidth: true
                        wrapMode: Text.NoWrap
                        elide: Text.ElideMiddle
                        color: Theme.text
                        text: qsTr("%1  ·  %2").arg(chip.modelData.name).arg(chip.modelData.size)
                    }
                    IconButton {
                        iconName: "close"
                        text: qsTr("Leave out %1").arg(chip.modelData.name)
                        onClicked: attachments.attached.remove(chip.index)
                    }
                }
            }
        }
    }
    Notice {
        visible: text !== ""
        Layout.fillWidth: true
        tone: "warn"
        text: attachments.attached.problem
    }
}
