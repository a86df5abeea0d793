import QtQuick
import QtQuick.Layouts
import Nibble

/// The numbers of a pair, measured on a text.
Card {
    id: card

    required property CompareController controller
    readonly property checkResult figures: controller.figures

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
            text: card.figures.sentence
        }
        GridLayout {
            Layout.fillWidth: true
            columns: Math.max(1, Math.min(5, Math.floor(card.width / Theme.scaled(170))))
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Word agreement")
                value: card.figures.agreementText
                note: card.figures.agreementRange
                help: qsTr("How often both models would write the same next word.")
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Drift")
                value: qsTr("%1 of 100").arg(card.figures.drift)
                note: qsTr("surprise %1").arg(card.figures.surprise)
                help: qsTr("How far the smaller model's expectations moved from the original's; 0 is the same. %1").arg(card.figures.driftDetail)
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Size on disk")
                value: card.controller.smaller.size
                note: qsTr("was %1").arg(card.controller.original.size)
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Memory")
                value: card.figures.memoryAfter
                note: qsTr("was %1").arg(card.figures.memoryBefore)
            }
            FigureTile {
                Layout.fillWidth: true
                visible: value !== ""
                label: qsTr("Speed")
                value: card.figures.speedAfter
                note: qsTr("was %1").arg(card.figures.speedBefore)
            }
        }
        CaptionText {
            Layout.fillWidth: true
            text: card.figures.basis + (card.controller.oneAfterTheOther ? " " + qsTr("Both models did not fit into memory at once, so one ran after the other.") : "")
        }
    }
}
