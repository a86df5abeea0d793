pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

PageFrame {
    id: frame

    readonly property var library: app.library
    readonly property string downloadText: {
        const downloads = app.downloads;
        return downloads.running ? qsTr("Downloading: %1").arg(downloads.progressText)
             : downloads.paused.length > 0 ? qsTr("Downloads that are not complete…") : qsTr("Download more models…");
    }
    property bool detailsShown: false // where only one of list and details has room

    title: qsTr("Models")
    subtitle: qsTr("The language models on this computer. Drop files or folders here to add more.")
    actions: [
        IconButton {
            iconName: "refresh"
            text: qsTr("Look again (F5)")
            onClicked: frame.library.refresh()
        },
        ActionButton {
            iconName: "folder"
            text: qsTr("Open folder…")
            tip: qsTr("A model downloaded as a folder with config.json and .safetensors files.")
            onClicked: folderDialog.open()
        },
        ActionButton {
            iconName: "plus"
            text: qsTr("Open file…")
            tip: qsTr("A model in one file, ending in .gguf (Ctrl+O).")
            onClicked: fileDialog.open()
        }
    ]

    function open(request: var) {
        if (request.model)
            library.select(request.model);
        if (request.dialog)
            fileDialog.open();
    }
    function goBack(): bool {
        const shown = detailsShown;
        detailsShown = false;
        return shown;
    }

    Shortcut {
        enabled: frame.app.page === "models"
        sequences: [StandardKey.Find]
        onActivated: search.forceActiveFocus()
    }
    Shortcut {
        enabled: frame.activeFocus || frame.app.page === "models"
        sequences: [StandardKey.Refresh]
        onActivated: frame.library.refresh()
    }
    ModelFilter {
        id: models
        sourceModel: frame.library.models
    }
    FileDialog {
        id: fileDialog
        title: qsTr("Open a model file")
        fileMode: FileDialog.OpenFiles
        nameFilters: [qsTr("Models (*.gguf *.safetensors)"), qsTr("All files (*)")]
        onAccepted: frame.library.add(selectedFiles)
    }
    FolderDialog {
        id: folderDialog
        title: qsTr("Open a model folder")
        onAccepted: frame.library.add([selectedFolder])
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.bottomMargin: Theme.gapL
        spacing: Theme.gap

        ErrorCard {
            Layout.fillWidth: true
            error: frame.library.addError
            closable: true
            actionText: qsTr("Open another…")
            onAction: fileDialog.open()
            onClosed: frame.library.closeAddError()
        }
        ErrorCard {
            Layout.fillWidth: true
            error: frame.library.error
            onAction: frame.library.refresh()
        }
        Notice {
            visible: frame.library.trashed !== ""
            Layout.fillWidth: true
            tone: "good"
            text: qsTr("%1 is in the trash.").arg(frame.library.trashed)
            actionText: qsTr("Undo")
            closable: true
            onAction: frame.library.restore()
            onClosed: frame.library.closeTrashed()
        }
        RowLayout {
            visible: frame.library.models.count > 0
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.gapL

            Card {
                visible: !frame.narrow || !frame.detailsShown
                Layout.fillWidth: true
                Layout.fillHeight: true
                Field {
                    id: search
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: parent.top
                    anchors.margins: Theme.gapS + 4
                    name: qsTr("Search models")
                    placeholderText: qsTr("Search models")
                    onTextChanged: models.text = text
                    Keys.onDownPressed: list.forceActiveFocus(Qt.TabFocusReason)
                }
                CaptionText {
                    visible: list.count === 0
                    anchors.centerIn: parent
                    text: qsTr("No model has these words.")
                }
                ListView {
                    id: list
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: search.bottom
                    anchors.bottom: more.top
                    anchors.margins: Theme.gapS
                    clip: true
                    spacing: 2
                    activeFocusOnTab: true
                    focus: true
                    boundsBehavior: Flickable.StopAtBounds
                    model: models
                    highlightMoveDuration: Appearance.calm ? 0 : -1
                    currentIndex: { void models.count; return models.indexOf(frame.library.selectedPath); }
                    keyNavigationEnabled: false
                    Accessible.role: Accessible.List
                    Accessible.name: qsTr("Models")
                    Keys.onUpPressed: choose(currentIndex - 1)
                    Keys.onDownPressed: choose(currentIndex + 1)
                    Keys.onReturnPressed: frame.detailsShown = true

                    function choose(row: int) {
                        const path = models.pathAt(row);
                        if (path !== "")
                            frame.library.select(path);
                    }

                    delegate: ModelRow {
                        width: ListView.view.width
                        selected: ListView.isCurrentItem
                        onClicked: {
                            list.choose(index);
                            frame.detailsShown = true;
                            list.forceActiveFocus(Qt.MouseFocusReason);
                        }
                        onDoubleClicked: frame.app.go("chat", { model: entry.path })
                        FocusRing {
                            shown: list.activeFocus && parent.selected
                            gap: -4
                        }
                    }
                    T.ScrollBar.vertical: ScrollLine {}
                }
                Flow {
                    id: more
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.bottom: parent.bottom
                    anchors.margins: Theme.gapS
                    ActionButton {
                        quiet: true
                        iconName: "drop"
                        text: frame.downloadText
                        onClicked: frame.app.go("download", {})
                    }
                    ActionButton {
                        quiet: true
                        iconName: "folder"
                        text: qsTr("Open a pack…")
                        tip: qsTr("Models in a folder with a list of checksums, as an IT department hands them out.")
                        onClicked: frame.app.go("pack", {})
                    }
                }
            }
            ModelDetails {
                visible: !frame.narrow || frame.detailsShown
                Layout.fillHeight: true
                Layout.fillWidth: frame.narrow
                Layout.preferredWidth: Theme.scaled(392)
                entry: frame.library.selected
                canGoBack: frame.narrow
                hasCard: frame.app.cardChosen
                onContextChosen: tokens => frame.library.setContext(entry.path, tokens)
                onTrashed: frame.library.moveToTrash(entry.path)
                onLayersChosen: layers => frame.library.setLayersOnCard(entry.path, layers)
                onBack: frame.detailsShown = false
                onMakeSmaller: frame.app.go("smaller", { model: entry.path })
                onChat: frame.app.go("chat", { model: entry.path })
                onCompare: frame.app.go("compare", entry.quantized ? { smaller: entry.path } : { original: entry.path })
            }
        }
        Item {
            visible: frame.library.models.count === 0
            Layout.fillWidth: true
            Layout.fillHeight: true
            EmptyState {
                anchors.centerIn: parent
                width: Math.min(parent.width, Theme.scaled(560))
                iconName: frame.library.state === PageController.Loading ? "clock" : "drop"
                title: frame.library.state === PageController.Loading ? qsTr("Looking for models…") : qsTr("No models yet")
                text: frame.library.state === PageController.Loading ? frame.library.folder
                    : qsTr("Drop a model here: a .gguf file, or a folder from Hugging Face with config.json and .safetensors files. Or copy it into %1 and look again.").arg(frame.library.folder)
                ActionButton {
                    visible: frame.library.state !== PageController.Loading
                    primary: true
                    iconName: "file"
                    text: qsTr("Open file…")
                    onClicked: fileDialog.open()
                }
                ActionButton {
                    visible: frame.library.state !== PageController.Loading
                    iconName: "folder"
                    text: qsTr("Open folder…")
                    onClicked: folderDialog.open()
                }
                ActionButton {
                    visible: frame.library.state !== PageController.Loading
                    iconName: "drop"
                    text: frame.downloadText
                    onClicked: frame.app.go("download", {})
                }
                ActionButton {
                    visible: frame.library.state !== PageController.Loading
                    iconName: "folder"
                    text: qsTr("Open a pack…")
                    onClicked: frame.app.go("pack", {})
                }
            }
        }
    }

    DropArea {
        id: drop
        anchors.fill: parent
        keys: ["text/uri-list"]
        onDropped: event => {
            frame.library.add(event.urls);
            event.accept();
        }
        Rectangle {
            visible: drop.containsDrag
            anchors.fill: parent
            anchors.bottomMargin: Theme.gapL
            radius: Theme.radius
            color: Theme.accentSoft
            opacity: 0.92
            border.width: 2
            border.color: Theme.accent
            HeadingText {
                anchors.centerIn: parent
                text: qsTr("Drop to add the model")
            }
        }
    }
}
