pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Nibble

PageFrame {
    id: frame

    title: qsTr("Make smaller")
    subtitle: qsTr("Bits = how finely each number in the model is stored, like photo quality. Fewer bits: smaller, faster, a little less exact.")

    function open(request: var) {
        if (request.model)
            controller.choose(request.model);
    }
    function goBack(): bool { return controller.goBack(); }

    controller: SmallerController {
        id: controller
        engine: frame.app.engine
        library: frame.app.library
        unfinished: frame.app.unfinished
        shown: frame.visible
    }
    FileDialog {
        id: saveDialog
        title: qsTr("Save the smaller model as")
        fileMode: FileDialog.SaveFile
        defaultSuffix: "gguf"
        nameFilters: [qsTr("Models (*.gguf)")]
        onAccepted: controller.saveTo(selectedFile)
    }

    FileDialog {
        id: reportDialog
        title: qsTr("Save the report as")
        fileMode: FileDialog.SaveFile
        defaultSuffix: "html"
        nameFilters: [qsTr("Web page (*.html)"), qsTr("For programs (*.json)")]
        onAccepted: controller.saveReport(selectedFile)
    }

    EmptyState {
        visible: controller.source.path === "" && frame.app.library.models.count === 0
        anchors.centerIn: parent
        width: Math.min(parent.width, Theme.scaled(560))
        iconName: "smaller"
        title: qsTr("No model to make smaller")
        text: qsTr("Add a model on the Models page first. The unchanged original, with 16 bits, gives the best result.")
        ActionButton {
            primary: true
            iconName: "models"
            text: qsTr("Go to Models")
            onClicked: frame.app.go("models", {})
        }
    }
    ScrollArea {
        anchors.fill: parent
        visible: controller.source.path !== "" || frame.app.library.models.count > 0

        ColumnLayout {
            width: parent ? parent.width : 0
            spacing: Theme.gapL

            GridLayout {
                Layout.fillWidth: true
                Layout.margins: 4
                columns: frame.narrow ? 1 : 3
                columnSpacing: Theme.gap
                rowSpacing: Theme.gapS
                BodyText { text: qsTr("Model") }
                Choice {
                    id: modelChoice
                    Layout.fillWidth: true
                    Layout.maximumWidth: Theme.scaled(420)
                    name: qsTr("Model")
                    enabled: controller.state !== PageController.Busy
                    model: frame.app.library.models
                    textRole: "name"
                    currentIndex: frame.app.library.models.indexOf(controller.source.path)
                    displayText: controller.source.path === "" ? "" : controller.source.name + (controller.source.formatName === "" ? "" : " · " + controller.source.formatName)
                    onActivated: row => controller.choose(frame.app.library.models.pathAt(row))
                }
                CaptionText {
                    Layout.fillWidth: true
                    text: controller.source.precision
                }
            }
            Notice {
                visible: controller.needsConsent && controller.step === SmallerController.Choose
                Layout.fillWidth: true
                tone: "warn"
                text: qsTr("This model was made smaller before. Doing it again loses quality twice; the original with 16 bits gives a better result.")
            }
            CheckLine {
                visible: controller.needsConsent && controller.step === SmallerController.Choose
                Layout.fillWidth: true
                Layout.margins: 4
                text: qsTr("Make it smaller again anyway")
                checked: controller.consent
                onToggled: controller.consent = checked
            }
            Repeater {
                model: controller.step === SmallerController.Choose ? frame.app.unfinished.jobs : []
                UnfinishedCard {
                    required property var modelData
                    Layout.fillWidth: true
                    job: modelData
                    onGoOn: controller.goOn(job.output)
                    onDiscarded: frame.app.unfinished.discard(job.output)
                }
            }
            ErrorCard {
                Layout.fillWidth: true
                error: controller.error
                actionText: controller.canStart && frame.app.unfinished.jobs.length > 0 ? "" : controller.canStart ? qsTr("Try again") : controller.source.runnable ? "" : qsTr("Choose another model")
                onAction: controller.canStart ? controller.start() : frame.app.go("models", {})
            }
            StopChooser {
                visible: controller.source.runnable && controller.step === SmallerController.Choose
                Layout.fillWidth: true
                Layout.margins: 4
                wide: frame.narrow
                stops: controller.stops
                current: controller.currentStop
                onChosen: row => controller.currentStop = row
            }
            PreviewLine {
                visible: controller.source.runnable && controller.step === SmallerController.Choose && (!controller.needsConsent || controller.consent)
                Layout.fillWidth: true
                Layout.leftMargin: 4
                Layout.rightMargin: 4
                preview: controller.preview
                narrow: frame.narrow
                onAsk: controller.predict()
            }
            StartCard {
                visible: controller.step === SmallerController.Choose && controller.output !== ""
                Layout.fillWidth: true
                controller: controller
                narrow: frame.narrow
                onChangePlace: saveDialog.open()
            }
            WorkCard {
                visible: controller.step === SmallerController.Making || controller.step === SmallerController.Checking
                Layout.fillWidth: true
                controller: controller
                paused: frame.app.engine.workPaused
            }
            ResultCard {
                visible: controller.step === SmallerController.Done || controller.step === SmallerController.Measuring
                Layout.fillWidth: true
                controller: controller
                paused: frame.app.engine.workPaused
                onChat: frame.app.go("chat", { model: controller.madePath })
                onCompare: frame.app.go("compare", { original: controller.source.path, smaller: controller.madePath })
                onAnother: controller.again()
                onSaveReport: reportDialog.open()
            }
            Item { Layout.preferredHeight: Theme.gap }
        }
    }
}
