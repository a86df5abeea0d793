pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Nibble

PageFrame {
    id: frame

    readonly property int step: controller.step
    readonly property ThisComputer computer: ThisComputer {
        engine: frame.app.engine
        folder: frame.app.library.folder
        onTested: frame.app.library.estimateAll()
        Component.onCompleted: test()
    }

    title: [qsTr("Welcome to Nibble"), qsTr("Pick a starting point"), qsTr("Ask your first question")][step]
    subtitle: [qsTr("Step 1 of 3: what this computer can do."),
        qsTr("Step 2 of 3: a language model to begin with. You can change it at any time."),
        qsTr("Step 3 of 3: click a question, or write your own.")][step]
    actions: [
        ActionButton {
            visible: frame.step > 0
            quiet: true
            iconName: "left"
            text: qsTr("Back")
            onClicked: frame.goBack()
        },
        ActionButton {
            quiet: true
            text: qsTr("Skip")
            tip: qsTr("Settings brings you back here.")
            onClicked: frame.app.go("models", {})
        }
    ]

    function takeFocus() { step === 0 ? next.forceActiveFocus() : [starting, ask][step - 1].takeFocus(); }
    function open(request: var) {
        if (request.again)
            controller.step = WelcomeController.Computer;
        takeFocus();
    }
    function goBack(): bool {
        if (step === 0)
            frame.app.go("models", {});
        else
            controller.step = step - 1;
        return true;
    }

    controller: WelcomeController {
        id: controller
        engine: frame.app.engine
        library: frame.app.library
        onStepChanged: Qt.callLater(frame.takeFocus)
    }
    Component.onCompleted: takeFocus()
    Connections {
        target: frame.app
        // However people leave: they have seen it.
        function onPageChanged() {
            if (frame.app.page !== "welcome")
                controller.finish();
        }
    }
    FileDialog {
        id: fileDialog
        title: qsTr("Open a model file")
        nameFilters: [qsTr("Models (*.gguf *.safetensors)"), qsTr("All files (*)")]
        onAccepted: frame.app.library.add([selectedFile])
    }
    FolderDialog {
        id: folderDialog
        title: qsTr("Open a model folder")
        onAccepted: frame.app.library.add([selectedFolder])
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.bottomMargin: Theme.gapL
        spacing: Theme.gap

        StackLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            currentIndex: frame.step

            ComputerStep {
                computer: frame.computer
                narrow: frame.narrow
            }
            StartingStep {
                id: starting
                controller: controller
                library: frame.app.library
                narrow: frame.narrow
                onOpenFile: fileDialog.open()
                onOpenFolder: folderDialog.open()
                onDownload: frame.app.go("download", {})
            }
            AskStep {
                id: ask
                model: controller.chosen
                narrow: frame.narrow
                onAsked: text => frame.app.go("chat", text === "" ? { model: model.path } : { model: model.path, ask: text })
            }
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gap
            NetworkLine {
                network: frame.app.network
                Layout.fillWidth: true
            }
            ActionButton {
                id: next
                visible: frame.step === 0
                primary: true
                iconName: "right"
                text: qsTr("Continue")
                tip: qsTr("The test need not have ended.")
                onClicked: controller.step = WelcomeController.StartingPoint
            }
        }
    }
}
