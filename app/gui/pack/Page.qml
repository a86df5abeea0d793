pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Nibble

/// Models that came as a folder, from an IT department or on a disk: no network is used.
PageFrame {
    id: frame

    readonly property bool busy: controller.state === PageController.Busy

    title: qsTr("Open a pack")
    subtitle: qsTr("A folder of models with a list of their checksums, for computers without a network.")
    actions: [
        ActionButton {
            iconName: "left"
            text: qsTr("Back to the models")
            onClicked: frame.app.go("models", {})
        },
        ActionButton {
            enabled: !frame.busy
            iconName: "folder"
            text: qsTr("Choose a folder…")
            onClicked: folderDialog.open()
        }
    ]

    function open(request: var) {
        if (request.folder)
            controller.open(request.folder);
    }
    function goBack(): bool {
        busy ? controller.stop() : app.go("models", {});
        return true;
    }

    controller: PackController {
        id: controller
        engine: frame.app.engine
        library: frame.app.library
    }
    FolderDialog {
        id: folderDialog
        title: qsTr("The folder of the pack")
        onAccepted: controller.open(selectedFolder)
    }

    EmptyState {
        visible: controller.state === PageController.Empty
        anchors.centerIn: parent
        width: Math.min(parent.width, Theme.scaled(560))
        iconName: "folder"
        title: qsTr("Where is the pack?")
        text: qsTr("It is a folder with a file nibble-pack.json in it, on a share, a disk or a USB stick. What is in it is shown before anything is copied.")
        ActionButton {
            primary: true
            iconName: "folder"
            text: qsTr("Choose a folder…")
            onClicked: folderDialog.open()
        }
    }
    ScrollArea {
        visible: controller.state !== PageController.Empty
        anchors.fill: parent
        ColumnLayout {
            width: parent ? Math.min(parent.width, Theme.scaled(760)) : 0
            anchors.left: parent ? parent.left : undefined // of a Column, which itself leaves narrow items at the left
            spacing: Theme.gap

            ProgressLine {
                visible: controller.state === PageController.Loading
                Layout.fillWidth: true
                name: qsTr("Reading the pack")
                fraction: -1
            }
            ErrorCard {
                Layout.fillWidth: true
                error: controller.error
                actionText: qsTr("Choose a folder…")
                onAction: folderDialog.open()
            }
            Notice {
                visible: text !== "" && !frame.busy
                Layout.fillWidth: true
                tone: "good"
                text: controller.outcome
                actionText: controller.installedPath === "" ? "" : qsTr("Show it")
                onAction: frame.app.go("models", { model: controller.installedPath })
            }
            ColumnLayout {
                visible: controller.name !== ""
                Layout.fillWidth: true
                spacing: 2
                HeadingText {
                    Layout.fillWidth: true
                    text: controller.name
                    wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                }
                CaptionText {
                    Layout.fillWidth: true
                    text: controller.detail
                    wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                }
            }
            Repeater {
                model: controller.models
                PackRow {
                    required property packModel modelData
                    Layout.fillWidth: true
                    model: modelData
                }
            }
            ColumnLayout {
                visible: frame.busy
                Layout.fillWidth: true
                spacing: Theme.gapS
                BodyText { text: controller.job }
                ProgressLine {
                    Layout.fillWidth: true
                    name: controller.job
                    fraction: controller.progress
                }
                CaptionText {
                    Layout.fillWidth: true
                    text: controller.progressText
                }
                ActionButton {
                    iconName: "stop"
                    text: qsTr("Stop")
                    tip: qsTr("Nothing is installed then (Esc).")
                    onClicked: controller.stop()
                }
            }
            Flow {
                visible: controller.name !== "" && !frame.busy
                Layout.fillWidth: true
                spacing: Theme.gapS
                ActionButton {
                    primary: true
                    enabled: controller.installable
                    iconName: "drop"
                    text: controller.installable ? qsTr("Check and install") : qsTr("All of it is here")
                    onClicked: controller.install()
                }
                ActionButton {
                    iconName: "shield"
                    text: qsTr("Only check")
                    onClicked: controller.check()
                }
            }
            CaptionText {
                visible: controller.name !== ""
                Layout.fillWidth: true
                text: qsTr("Every file is compared with its checksum while it is copied. Nothing appears in the list of models unless all of it is right.")
            }
        }
    }
}
