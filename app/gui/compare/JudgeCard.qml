pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Answers whose models are not told, and what can be said of them.
Card {
    id: card

    required property CompareController controller
    readonly property int sides: controller.sides

    readonly property bool ready: controller.judging && controller.allShown
    signal readyToJudge()
    onReadyChanged: if (ready) Qt.callLater(readyToJudge)
    function takeFocus() { (buttons.itemAt(0) as Item).forceActiveFocus(Qt.TabFocusReason); }

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    Repeater { // the keys work wherever no text is being written
        model: card.controller.choices.length
        Item {
            id: key
            required property int index
            Shortcut {
                enabled: card.visible && card.controller.judging
                sequences: [String(key.index + 1)]
                onActivated: card.controller.voteRow(key.index)
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
        AnswerGrid {
            Layout.fillWidth: true
            sides: card.sides
            Repeater {
                model: card.sides
                AnswerPane {
                    required property int index
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 100
                    title: qsTr("Answer %1").arg("ABC".charAt(index))
                    plain: card.controller.shown[index] ?? ""
                    thoughts: { void card.controller.shown; return card.controller.thoughts(index); }
                    rich: card.controller.allShown ? card.controller.markedToJudge(index, Theme.warn) : ""
                    placeholder: "…"
                    copyable: false
                }
            }
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            Repeater {
                id: buttons
                model: card.controller.choices
                ActionButton {
                    required property int index
                    required property string modelData
                    visible: card.controller.allShown
                    text: modelData
                    primary: index < card.sides
                    tip: qsTr("Key %1").arg(index + 1)
                    onClicked: card.controller.voteRow(index)
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
            readonly property string when: card.controller.standing === "" ? qsTr("The models are told after your judgement.") : qsTr("The models are told after the last question.")
            readonly property string marks: card.sides > 2 ? qsTr("Words that differ from answer A are marked.") : ""
            text: [when, qsTr("All answers appear at the same pace."), marks, qsTr("Keys 1 to %1 judge.").arg(card.sides + 2)].filter(part => part !== "").join(" ")
        }
    }
}
