pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

PageFrame {
    id: frame

    readonly property bool busy: controller.state === PageController.Busy
    readonly property bool chosen: controller.original.path !== "" && controller.smaller.path !== ""
    readonly property list<string> starters: [
        qsTr("Write two sentences that decline an invitation politely."),
        qsTr("What is 17 times 6? Explain in one sentence."),
        qsTr("Summarise in one line: the printer on floor 2 is out of toner and the new one arrives on Monday.")
    ]

    title: qsTr("Compare")
    subtitle: qsTr("The same question to both models, with the same settings. The first word that differs is marked.")

    function open(request: var) {
        if (request.original)
            controller.chooseOriginal(request.original);
        if (request.smaller)
            controller.chooseSmaller(request.smaller);
        if (request.ask)
            controller.ask(request.ask);
    }
    function goBack(): bool {
        if (!busy)
            return false;
        controller.cancel();
        return true;
    }
    function titleOf(entry: modelEntry): string {
        return [entry.name, entry.formatName].filter(part => part !== "").join(" · ");
    }

    controller: CompareController {
        id: controller
        engine: frame.app.engine
        library: frame.app.library
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.bottomMargin: Theme.gapL
        spacing: Theme.gap

        GridLayout {
            Layout.fillWidth: true
            columns: frame.narrow ? 1 : 2
            columnSpacing: Theme.gap
            rowSpacing: Theme.gapS
            ColumnLayout {
                spacing: 2
                CaptionText { text: qsTr("Original") }
                Choice {
                    Layout.fillWidth: true
                    name: qsTr("Original")
                    enabled: !frame.busy
                    model: frame.app.library.models
                    textRole: "name"
                    currentIndex: frame.app.library.models.indexOf(controller.original.path)
                    displayText: frame.titleOf(controller.original)
                    onActivated: row => controller.chooseOriginal(frame.app.library.models.pathAt(row))
                }
            }
            ColumnLayout {
                spacing: 2
                CaptionText { text: qsTr("Smaller") }
                Choice {
                    Layout.fillWidth: true
                    name: qsTr("Smaller")
                    enabled: !frame.busy
                    model: frame.app.library.models
                    textRole: "name"
                    currentIndex: frame.app.library.models.indexOf(controller.smaller.path)
                    displayText: frame.titleOf(controller.smaller)
                    onActivated: row => controller.chooseSmaller(frame.app.library.models.pathAt(row))
                }
            }
        }
        Notice {
            visible: frame.chosen && controller.original.path === controller.smaller.path
            Layout.fillWidth: true
            tone: "warn"
            text: qsTr("Both are the same model. Choose two different ones.")
        }
        ErrorCard {
            Layout.fillWidth: true
            error: controller.error
            onAction: controller.tryAgain()
        }
        Item {
            visible: controller.rounds === 0 && controller.figures.sentence === "" && !frame.busy
            Layout.fillWidth: true
            Layout.fillHeight: true
            EmptyState {
                id: empty
                anchors.centerIn: parent
                width: Math.min(parent.width, Theme.scaled(600))
                iconName: "compare"
                title: frame.chosen ? qsTr("Ask both something") : qsTr("Choose an original and a smaller model")
                text: frame.chosen ? qsTr("Or measure how often they agree on a text, without asking anything.")
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
                        quiet: true
                        text: qsTr("Only measure")
                        enabled: controller.canStart
                        onClicked: controller.measure()
                    }
                }
            }
        }
        ScrollArea {
            visible: controller.rounds > 0 || controller.figures.sentence !== "" || frame.busy
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.gapL

            Card {
                visible: frame.busy
                width: parent ? parent.width : 0
                implicitHeight: work.implicitHeight + 2 * Theme.gapL
                ColumnLayout {
                    id: work
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: parent.top
                    anchors.margins: Theme.gapL
                    spacing: Theme.gapS
                    HeadingText {
                        Layout.fillWidth: true
                        text: controller.measuring ? qsTr("Measuring both on a text") : qsTr("Asking both: %1").arg(controller.asking)
                    }
                    ProgressLine {
                        Layout.fillWidth: true
                        name: qsTr("Comparing")
                        value: controller.progress
                    }
                    RowLayout {
                        BodyText {
                            Layout.fillWidth: true
                            color: Theme.secondaryText
                            text: controller.progressText
                        }
                        ActionButton {
                            text: qsTr("Cancel")
                            onClicked: controller.cancel()
                        }
                    }
                }
            }
            Repeater {
                model: controller.rounds
                Round {
                    required property int index
                    width: parent ? parent.width : 0
                    narrow: frame.narrow
                    pair: { void controller.rounds; return controller.round(index); }
                    originalTitle: frame.titleOf(controller.original)
                    smallerTitle: frame.titleOf(controller.smaller)
                }
            }
            FiguresCard {
                visible: controller.figures.sentence !== ""
                width: parent ? parent.width : 0
                controller: controller
            }
            ActionButton {
                visible: controller.figures.sentence === "" && !frame.busy && controller.rounds > 0
                text: qsTr("Measure both on a text")
                onClicked: controller.measure()
            }
        }
        Composer {
            Layout.fillWidth: true
            placeholder: frame.chosen ? qsTr("Ask both…  (Enter sends, Shift+Enter: new line)") : qsTr("Choose two models first")
            sendText: qsTr("Ask both")
            canSend: controller.canStart
            busy: frame.busy
            onSent: text => controller.ask(text)
            onStopped: controller.cancel()
        }
    }
}
