import QtQuick
import QtQuick.Layouts
import Nibble

/// The download that runs.
Card {
    id: card

    required property Downloads downloads

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gap
        HeadingText {
            Layout.fillWidth: true
            text: qsTr("Downloading %1").arg(card.downloads.runningName)
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
        ProgressLine {
            Layout.fillWidth: true
            name: qsTr("Downloading")
            fraction: card.downloads.progress
        }
        RowLayout {
            Layout.fillWidth: true
            BodyText {
                Layout.fillWidth: true
                text: card.downloads.progressText
                color: Theme.secondaryText
            }
            ActionButton {
                text: qsTr("Pause")
                tip: qsTr("What has arrived is kept.")
                onClicked: card.downloads.pause()
            }
        }
        CaptionText {
            Layout.fillWidth: true
            text: qsTr("You can go on working; this runs beside it. The model appears when it is complete and its checksum is right.")
        }
    }
}
