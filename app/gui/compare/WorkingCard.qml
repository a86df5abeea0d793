import QtQuick
import QtQuick.Layouts
import Nibble

/// What the engine does for the page just now.
Card {
    id: card

    required property CompareController controller
    required property bool paused // while an answer is written

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gapS
        HeadingText {
            Layout.fillWidth: true
            text: card.controller.measuring ? qsTr("Measuring them on a text") : qsTr("Asking: %1").arg(card.controller.asking)
        }
        ProgressLine {
            Layout.fillWidth: true
            name: qsTr("Comparing")
            fraction: card.controller.progress
        }
        RowLayout {
            BodyText {
                Layout.fillWidth: true
                color: Theme.secondaryText
                text: card.controller.progressText
            }
            ActionButton {
                text: qsTr("Cancel")
                onClicked: card.controller.cancel()
            }
        }
        CaptionText {
            visible: card.paused
            Layout.fillWidth: true
            text: qsTr("Standing still while an answer is being written. It goes on by itself.")
        }
    }
}
