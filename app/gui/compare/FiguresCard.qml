import QtQuick
import QtQuick.Layouts
import Nibble

/// The numbers of a model beside the original's, measured on a text; or why there are none.
Card {
    id: card

    required property pairFigures pair
    required property modelEntry original
    property bool named: false // which model it is, where there are several
    readonly property checkResult figures: pair.figures

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gap
        CaptionText {
            visible: card.named
            Layout.fillWidth: true
            text: qsTr("%1 beside %2").arg(card.pair.other.title).arg(card.original.title)
        }
        HeadingText {
            visible: text !== ""
            Layout.fillWidth: true
            text: card.figures.sentence
        }
        BodyText {
            visible: text !== ""
            Layout.fillWidth: true
            text: card.pair.problem
        }
        GridLayout {
            visible: card.figures.sentence !== ""
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
                value: card.pair.other.size
                note: qsTr("was %1").arg(card.original.size)
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
            visible: card.figures.sentence !== ""
            Layout.fillWidth: true
            text: card.figures.basis + (card.pair.oneAfterTheOther ? " " + qsTr("Both models did not fit into memory at once, so one ran after the other.") : "")
        }
    }
}
