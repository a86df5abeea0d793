pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Nibble

PageFrame {
    id: frame

    readonly property bool busy: controller.state === PageController.Busy
    property bool listShown: false // where the list has no room beside the chat
    property bool instructionsShown: false
    property bool advancedShown: false
    property string link // asked about

    title: qsTr("Chat")
    subtitle: qsTr("Everything stays on this computer.")
    actions: [
        Choice {
            name: qsTr("Model that answers")
            placeholder: qsTr("Choose a model…")
            width: Theme.scaled(300)
            enabled: !frame.busy
            model: frame.app.library.models
            textRole: "name"
            currentIndex: frame.app.library.models.indexOf(controller.model.path)
            displayText: controller.model.path === "" ? "" : [controller.model.name, controller.model.formatName].filter(part => part !== "").join(" · ")
            onActivated: row => controller.choose(frame.app.library.models.pathAt(row))
        },
        Choice {
            visible: controller.canSwitchThinking
            name: qsTr("Before the answer")
            width: Theme.scaled(190)
            model: [qsTr("Thinks first"), qsTr("Answers at once")]
            currentIndex: controller.thinksFirst ? 0 : 1
            displayText: model[currentIndex]
            onActivated: row => controller.thinksFirst = row === 0
        },
        Choice {
            name: qsTr("Style of the answers")
            width: Theme.scaled(190)
            model: controller.styles
            currentIndex: controller.style
            displayText: controller.styles[controller.style]
            onActivated: row => controller.style = row
        }
    ]

    function open(request: var) {
        if (request.model)
            controller.choose(request.model);
        if (request.ask)
            controller.send(request.ask);
        composer.takeFocus();
    }
    function goBack(): bool {
        const shown = ["link", "instructionsShown", "advancedShown", "listShown"].find(name => frame[name]);
        if (shown !== "link" && controller.stop())
            return true;
        return shown !== undefined && close(shown);
    }
    function close(name: string): bool {
        frame[name] = name === "link" ? "" : false;
        return true;
    }

    Component.onCompleted: composer.setText(controller.draft)

    controller: ChatController {
        id: controller
        engine: frame.app.engine
        library: frame.app.library
    }
    Connections {
        target: controller
        function onDraftChanged() { composer.setText(controller.draft); }
        function onSaid(sentence) { announcer.say(sentence); }
    }
    Announcer {
        id: announcer
        Accessible.role: Accessible.Notification
        Accessible.name: text
        Accessible.ignored: text === ""
    }
    FileDialog {
        id: openDialog
        title: qsTr("Files to send with the question")
        fileMode: FileDialog.OpenFiles
        nameFilters: [qsTr("Texts, PDF, spreadsheets (*.txt *.md *.pdf *.xlsx *.xlsm *.ods *.csv *.tsv *.docx *.odt *.log *.html *.xml *.json *.eml)"), qsTr("All files (*)")]
        onAccepted: controller.attach(selectedFiles)
    }
    SaveDialog {
        id: saveDialog
        title: qsTr("Save the chat as")
        proposal: qsTr("Chat")
        defaultSuffix: "pdf"
        nameFilters: [qsTr("PDF (*.pdf)"), qsTr("Markdown (*.md)"), qsTr("Data for other programs (*.json)")]
        onAccepted: controller.saveAs(selectedFile)
    }
    DropArea {
        anchors.fill: parent
        onDropped: drop => controller.attach(drop.urls)
    }
    Shortcut {
        enabled: frame.app.page === "chat"
        sequences: ["Ctrl+I"]
        onActivated: frame.instructionsShown = !frame.instructionsShown
    }
    Shortcut {
        enabled: frame.app.page === "chat" && controller.messages.count > 0
        sequences: [StandardKey.Save]
        onActivated: saveDialog.ask()
    }
    Shortcut {
        enabled: frame.app.page === "chat"
        sequences: [StandardKey.New]
        onActivated: {
            controller.newChat();
            composer.takeFocus();
        }
    }
    Shortcut {
        enabled: frame.app.page === "chat"
        sequences: [StandardKey.Find]
        onActivated: {
            frame.listShown = true;
            chats.find();
        }
    }

    RowLayout {
        anchors.fill: parent
        anchors.bottomMargin: Theme.gapL
        spacing: Theme.gapL

        ChatsPane {
            id: chats
            visible: !frame.narrow || frame.listShown
            Layout.fillHeight: true
            Layout.fillWidth: frame.narrow
            Layout.preferredWidth: Theme.scaled(230)
            controller: controller
        }
        ColumnLayout {
            visible: !frame.narrow || !frame.listShown
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.gap

            ChatHeader {
                Layout.fillWidth: true
                controller: controller
                narrow: frame.narrow
                onListWanted: frame.listShown = true
                onInstructionsWanted: frame.instructionsShown = !frame.instructionsShown
                onSaveWanted: saveDialog.ask()
            }
            SamplingCard {
                visible: frame.advancedShown
                onVisibleChanged: if (visible) takeFocus()
                Layout.fillWidth: true
                Layout.fillHeight: frame.narrow // the conversation gives way
                Layout.maximumHeight: frame.narrow ? Infinity : frame.height / 2
                controller: controller
                onClosed: frame.advancedShown = false
            }
            InstructionsCard {
                id: instructions
                visible: frame.instructionsShown
                onVisibleChanged: if (visible) takeFocus()
                Layout.fillWidth: true
                controller: controller
                onAdvancedWanted: {
                    frame.instructionsShown = false;
                    frame.advancedShown = true;
                }
                onClosed: {
                    frame.instructionsShown = false;
                    composer.takeFocus();
                }
            }
            Notice {
                visible: text !== ""
                Layout.fillWidth: true
                tone: controller.noteTone
                text: controller.note
                actionText: controller.undoable ? qsTr("Undo") : ""
                closable: true
                onAction: controller.undoRemove()
                onClosed: controller.closeNote()
            }
            Notice {
                visible: text !== ""
                Layout.fillWidth: true
                tone: "warn"
                text: controller.storeProblem
            }
            Item {
                visible: !(frame.narrow && frame.advancedShown)
                Layout.fillWidth: true
                Layout.fillHeight: true

                EmptyChat {
                    visible: list.count === 0
                    anchors.centerIn: parent
                    width: Math.min(parent.width, Theme.scaled(560))
                    controller: controller
                    onModelsWanted: frame.app.go("models", {})
                    onStarterChosen: text => composer.insert(text)
                }
                ConversationView {
                    id: list
                    anchors.fill: parent
                    model: controller.messages
                    busy: frame.busy
                    onRetryWanted: row => controller.retry(row)
                    onVersionWanted: (row, step) => controller.showVersion(row, step)
                    onEdited: (row, text) => controller.edit(row, text)
                    onLinkChosen: address => frame.link = address
                }
            }
            Notice {
                visible: frame.link !== ""
                Layout.fillWidth: true
                tone: "accent"
                text: qsTr("This link was written by the model and leads to the Internet: %1").arg(frame.link)
                actionText: qsTr("Open it")
                closable: true
                onAction: {
                    Qt.openUrlExternally(frame.link);
                    frame.link = "";
                }
                onClosed: frame.link = ""
            }
            Notice {
                visible: controller.needsPlainTemplate
                Layout.fillWidth: true
                tone: "warn"
                text: qsTr("This model was not made for chatting: it brings no conversation format. It can be tried with a plain one, and may ramble.")
                actionText: qsTr("Chat anyway")
                onAction: controller.agreeToPlainTemplate()
            }
            ErrorCard {
                Layout.fillWidth: true
                readonly property bool full: controller.error.kind === "context-full"
                error: controller.error
                actionText: full ? qsTr("Go on without the oldest messages") : qsTr("Try again")
                onAction: full ? controller.forgetOldest() : controller.tryAgain()
            }
            ProgressLine {
                visible: controller.state === PageController.Loading
                Layout.fillWidth: true
                name: qsTr("Getting the model ready")
                fraction: controller.loadProgress
            }
            Attachments {
                visible: attached.files.length > 0 && !(frame.narrow && frame.instructionsShown)
                Layout.fillWidth: true
                attached: controller.attachments
            }
            Composer {
                id: composer
                Layout.fillWidth: true
                placeholder: controller.model.path === "" ? qsTr("Choose a model first") : qsTr("Write a message…  (Enter sends, Shift+Enter: new line)")
                canSend: controller.model.path !== "" && !controller.needsPlainTemplate && !controller.attachments.reading
                busy: frame.busy
                attachable: true
                onAttachWanted: openDialog.open()
                onTextChanged: controller.saveDraft(text)
                onSent: text => controller.send(text)
                onStopped: controller.stop()
            }
        }
    }
}
