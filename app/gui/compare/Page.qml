pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Nibble

PageFrame {
    id: frame

    readonly property bool busy: controller.state === PageController.Busy
    readonly property bool chosen: controller.original.path !== "" && controller.smaller.path !== ""
    readonly property bool nothingYet: controller.rounds.count === 0 && !controller.judging && controller.figures.length === 0 && !busy
    readonly property list<string> starters: [
        qsTr("Write two sentences that decline an invitation politely."),
        qsTr("Summarise in one line: the printer on floor 2 is out of toner and the new one arrives on Monday.")
    ]

    title: qsTr("Compare")
    // Large text leaves little height: answers need it more.
    subtitle: narrow && !nothingYet ? "" : qsTr("The same question to every model, with the same settings. Words that differ are marked.")

    function open(request: var) { controller.open(request); }
    function goBack(): bool {
        if (!busy)
            return false;
        controller.cancel();
        return true;
    }

    controller: CompareController {
        id: controller
        engine: frame.app.engine
        library: frame.app.library
    }
    FileDialog {
        id: openDialog
        title: qsTr("A text file with one question in each line")
        nameFilters: [qsTr("Texts (*.txt *.md)"), qsTr("All files (*)")]
        onAccepted: controller.askFile(selectedFile)
    }
    SaveDialog {
        id: saveDialog
        title: qsTr("Save the comparison as")
        proposal: qsTr("Comparison")
        defaultSuffix: "md"
        nameFilters: [qsTr("Document (*.md)"), qsTr("Data for other programs (*.json)")]
        onAccepted: controller.save(selectedFile)
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.bottomMargin: Theme.gapL
        spacing: Theme.gap

        PairChooser {
            Layout.fillWidth: true
            app: frame.app
            controller: controller
            busy: frame.busy
            narrow: frame.narrow && frame.nothingYet && !controller.withThird
        }
        Notice {
            visible: controller.sameTwice
            Layout.fillWidth: true
            tone: "warn"
            text: qsTr("A model is there twice. Choose different ones.")
        }
        Notice {
            visible: text !== ""
            Layout.fillWidth: true
            tone: "warn"
            text: controller.storeProblem
        }
        Notice {
            visible: text !== ""
            Layout.fillWidth: true
            tone: controller.noteTone
            text: controller.note
            closable: true
            onClosed: controller.closeNote()
        }
        ErrorCard {
            Layout.fillWidth: true
            error: controller.error
            onAction: controller.tryAgain()
        }
        Item {
            visible: frame.nothingYet
            Layout.fillWidth: true
            Layout.fillHeight: true
            EmptyState {
                id: empty
                anchors.centerIn: parent
                width: Math.min(parent.width, Theme.scaled(600))
                iconName: "compare"
                title: frame.chosen ? qsTr("Ask them something") : qsTr("Choose two models")
                text: frame.chosen ? qsTr("You will see the answers without names, and judge them before you learn which model wrote which.")
                    : qsTr("Make a smaller one on the page Make smaller, then see here what it cost.")
                ActionButton {
                    visible: !frame.chosen
                    primary: true
                    iconName: "smaller"
                    text: qsTr("Make a smaller one")
                    onClicked: frame.app.go("smaller", {})
                }
                Column {
                    visible: frame.chosen
                    spacing: Theme.gapS
                    ActionButton {
                        primary: true
                        iconName: "compare"
                        text: qsTr("Ask ten office tasks")
                        enabled: controller.canStart
                        onClicked: controller.askOfficeTasks()
                    }
                    Repeater {
                        model: frame.starters
                        ActionButton {
                            required property string modelData
                            width: Math.min(implicitWidth, empty.buttonWidth)
                            text: modelData
                            enabled: controller.canStart
                            onClicked: controller.ask(modelData)
                        }
                    }
                    ActionButton {
                        iconName: "file"
                        text: qsTr("My own questions, from a file…")
                        enabled: controller.canStart
                        onClicked: openDialog.open()
                    }
                    ActionButton {
                        quiet: true
                        text: qsTr("Only measure how often they agree on a text")
                        width: Math.min(implicitWidth, empty.buttonWidth)
                        enabled: controller.canStart
                        onClicked: controller.measure()
                    }
                }
            }
        }
        ScrollArea {
            visible: !frame.nothingYet
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.gapL

            WorkingCard {
                visible: frame.busy
                width: parent ? parent.width : 0
                controller: controller
                paused: frame.app.engine.workPaused
            }
            JudgeCard {
                id: judge
                visible: controller.judging
                onReadyToJudge: if (composer.text === "" && frame.app.page === "compare") judge.takeFocus()
                width: parent ? parent.width : 0
                controller: controller
            }
            VotesCard {
                visible: controller.rounds.count > 0
                width: parent ? parent.width : 0
                controller: controller
                onSaveWanted: saveDialog.ask()
            }
            Flow {
                visible: !frame.busy && !controller.judging
                width: parent ? parent.width : 0
                spacing: Theme.gapS
                ActionButton {
                    text: qsTr("Ask ten office tasks")
                    enabled: controller.canStart
                    onClicked: controller.askOfficeTasks()
                }
                ActionButton {
                    text: qsTr("My own questions, from a file…")
                    enabled: controller.canStart
                    onClicked: openDialog.open()
                }
                ActionButton {
                    visible: !controller.measured
                    text: qsTr("Measure them on a text")
                    enabled: controller.canStart
                    onClicked: controller.measure()
                }
            }
            Repeater {
                model: controller.figures
                FiguresCard {
                    required property pairFigures modelData
                    width: parent ? parent.width : 0
                    pair: modelData
                    original: controller.original
                    named: controller.withThird
                }
            }
            Repeater {
                model: controller.rounds
                Round {
                    width: parent ? parent.width : 0
                    list: controller.rounds
                }
            }
        }
        Composer {
            id: composer
            Layout.fillWidth: true
            placeholder: frame.chosen ? qsTr("Ask them…  (Enter sends, Shift+Enter: new line)") : qsTr("Choose two models first")
            sendText: qsTr("Ask them")
            canSend: controller.canStart
            busy: frame.busy
            onSent: text => controller.ask(text)
            onStopped: controller.cancel()
        }
    }
}
