import QtQuick
import QtQuick.Layouts
import Nibble

/// The smaller model: what was saved, and what it cost.
Card {
    id: card

    required property SmallerController controller
    required property bool paused // while an answer is written
    readonly property checkResult check: controller.check
    readonly property bool checked: check.sentence !== ""
    signal chat()
    signal compare()
    signal another()
    signal saveReport()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gapL
        RowLayout {
            spacing: Theme.gap
            Rectangle {
                Layout.alignment: Qt.AlignTop
                Layout.preferredWidth: Theme.scaled(40)
                Layout.preferredHeight: Theme.scaled(40)
                radius: width / 2
                color: Theme.toneSurface(card.checked ? card.check.tone : "good")
                Icon {
                    anchors.centerIn: parent
                    width: Theme.scaled(22)
                    height: width
                    name: card.checked && card.check.tone !== "good" ? "warning" : "check"
                    color: Theme.toneText(card.checked ? card.check.tone : "good")
                }
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 2
                HeadingText {
                    Layout.fillWidth: true
                    text: card.checked ? card.check.sentence : qsTr("The smaller model is ready.")
                }
                CaptionText {
                    Layout.fillWidth: true
                    text: qsTr("Saved in %1 as %2").arg(card.controller.madeIn).arg(card.controller.madePath)
                    wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                }
            }
        }
        BodyText {
            visible: text !== ""
            Layout.fillWidth: true
            text: card.controller.comparison
        }
        ErrorCard {
            Layout.fillWidth: true
            error: card.controller.checkError
            actionText: qsTr("Check again")
            onAction: card.controller.checkAgain()
        }
        GridLayout {
            visible: card.check.basis !== ""
            Layout.fillWidth: true
            columns: Math.max(1, Math.min(4, Math.floor(card.width / Theme.scaled(190))))
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Size on disk")
                value: card.controller.madeSize
                note: qsTr("was %1").arg(card.controller.source.size)
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Word agreement")
                value: card.check.agreementText
                note: card.check.agreementRange
                help: qsTr("How often both models would write the same next word.")
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Drift")
                value: qsTr("%1 of 100").arg(card.check.drift)
                note: qsTr("surprise %1").arg(card.check.surprise)
                help: qsTr("How far the smaller model's expectations moved from the original's; 0 is the same. %1").arg(card.check.driftDetail)
            }
            FigureTile {
                Layout.fillWidth: true
                visible: value !== ""
                label: qsTr("Speed")
                value: card.check.speedAfter
                note: qsTr("was %1").arg(card.check.speedBefore)
            }
        }
        CaptionText {
            visible: text !== ""
            Layout.fillWidth: true
            text: card.controller.kept
        }
        CaptionText {
            visible: card.check.basis !== ""
            Layout.fillWidth: true
            text: card.check.basis + " " + qsTr("Compare answers yourself to be sure it is good enough for your work.")
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            ActionButton {
                primary: true
                iconName: "chat"
                text: qsTr("Chat with it")
                onClicked: card.chat()
            }
            ActionButton {
                iconName: "compare"
                text: qsTr("Compare side by side")
                onClicked: card.compare()
            }
            ActionButton {
                visible: card.checked
                iconName: "file"
                text: qsTr("Save report…")
                tip: qsTr("All figures and pictures as a page for colleagues")
                onClicked: card.saveReport()
            }
            ActionButton {
                quiet: true
                text: qsTr("Make another one")
                enabled: card.controller.step === SmallerController.Done
                onClicked: card.another()
            }
        }
        WorstMoments {
            visible: card.check.moments.length > 0
            Layout.fillWidth: true
            moments: card.check.moments
        }
        DriftPicture {
            visible: card.check.driftBars.length > 0
            Layout.fillWidth: true
            bars: card.check.driftBars
            summary: card.check.driftSummary
        }
        LayersPicture {
            Layout.fillWidth: true
            controller: card.controller
            paused: card.paused
        }
    }
}
