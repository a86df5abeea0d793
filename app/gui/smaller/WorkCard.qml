import QtQuick
import QtQuick.Layouts
import Nibble

/// The job that runs: how far, how long still, and Cancel.
Card {
    id: card

    required property SmallerController controller
    required property bool paused // while an answer is written
    readonly property bool checking: controller.step === SmallerController.Checking

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
            text: card.checking ? qsTr("Checking the smaller model against the original")
                                : card.controller.finer ? qsTr("Making %1 with more bits in some layers").arg(card.controller.source.name)
                                : qsTr("Making %1 smaller: %2 bits").arg(card.controller.source.name).arg(card.controller.stop.bits)
        }
        ProgressLine {
            Layout.fillWidth: true
            name: card.checking ? qsTr("Checking") : qsTr("Making smaller")
            fraction: card.controller.progress
        }
        RowLayout {
            Layout.fillWidth: true
            BodyText {
                Layout.fillWidth: true
                text: card.controller.progressText
                color: Theme.secondaryText
            }
            ActionButton {
                text: card.checking ? qsTr("Skip the check") : qsTr("Cancel")
                tip: card.checking ? qsTr("The smaller model is already saved (Esc).") : qsTr("Nothing is left behind (Esc).")
                onClicked: card.controller.cancel()
            }
        }
        CaptionText {
            Layout.fillWidth: true
            text: card.paused
                ? qsTr("Standing still while an answer is being written. It goes on by itself.")
                : qsTr("You can go on chatting. While an answer is being written, this stands still, so that chatting stays as fast as ever.")
        }
    }
}
