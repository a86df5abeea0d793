pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Two answers whose models are not told, and the four things to say about them.
Card {
    id: card

    required property CompareController controller
    property bool narrow: false
    readonly property list<string> choices: [qsTr("A is better"), qsTr("B is better"), qsTr("No difference"), qsTr("Both are bad")]

    readonly property bool ready: controller.judging && controller.allShown
    signal readyToJudge()
    onReadyChanged: if (ready) Qt.callLater(readyToJudge)
    function takeFocus() { (buttons.itemAt(0) as Item).forceActiveFocus(Qt.TabFocusReason); }

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    Repeater { // the keys work wherever no text is being written
        model: card.choices.length
        Item {
            id: key
            required property int index
            Shortcut {
                enabled: card.visible && card.controller.judging
                sequences: [String(key.index + 1)]
                onActivated: card.controller.vote(key.index + 1)
            }
        }
    }
    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gap
        RowLayout {
            spacing: Theme.gap
            HeadingText {
                Layout.fillWidth: true
                text: card.controller.question
            }
            Badge {
                visible: text !== ""
                Layout.alignment: Qt.AlignTop
                text: card.controller.standing
            }
        }
        GridLayout {
            Layout.fillWidth: true
            columns: card.narrow ? 1 : 2
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            AnswerPane {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 100
                title: qsTr("Answer A")
                plain: card.controller.shownA
                thoughts: card.controller.thoughtsA
                rich: card.controller.allShown ? card.controller.markedToJudge(true, Theme.warn) : ""
                placeholder: "…"
                copyable: false
            }
            AnswerPane {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 100
                title: qsTr("Answer B")
                plain: card.controller.shownB
                thoughts: card.controller.thoughtsB
                rich: card.controller.allShown ? card.controller.markedToJudge(false, Theme.warn) : ""
                placeholder: "…"
                copyable: false
            }
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            Repeater {
                id: buttons
                model: card.choices.length
                ActionButton {
                    required property int index
                    visible: card.controller.allShown
                    text: card.choices[index]
                    primary: index < 2
                    tip: qsTr("Key %1").arg(index + 1)
                    onClicked: card.controller.vote(index + 1)
                }
            }
            ActionButton {
                visible: !card.controller.allShown
                text: qsTr("Show all of it")
                onClicked: card.controller.showAll()
            }
            ActionButton {
                visible: card.controller.allShown
                quiet: true
                text: qsTr("Tell me which is which")
                tip: qsTr("What is not judged yet will not count.")
                onClicked: card.controller.reveal()
            }
        }
        CaptionText {
            Layout.fillWidth: true
            text: card.controller.standing === "" ? qsTr("The models are told after your judgement. Both answers appear at the same pace. Keys 1 to 4 judge.")
                : qsTr("The models are told after the last question. Both answers appear at the same pace. Keys 1 to 4 judge.")
        }
    }
}
