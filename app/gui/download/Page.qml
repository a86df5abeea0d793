pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Models from a hub on the Internet. The only page that uses a network, and only where the user has allowed it.
PageFrame {
    id: frame

    readonly property Downloads downloads: app.downloads
    readonly property bool allowed: app.network.allowed

    controller: downloads
    title: qsTr("Download a model")
    subtitle: allowed ? qsTr("From %1. Only what you search for is sent; chats and files stay here.").arg(app.network.hubName) : ""
    actions: [
        ActionButton {
            iconName: "left"
            text: qsTr("Back to the models")
            onClicked: frame.app.go("models", {})
        }
    ]

    function open(request: var) {
        if (request.name && allowed)
            downloads.lookUp(request.name);
    }
    function goBack(): bool {
        if (!downloads.goBack())
            app.go("models", {});
        return true;
    }
    function find() { downloads.find(search.text); }

    ScrollArea {
        anchors.fill: parent
        ColumnLayout {
            width: parent ? Math.min(parent.width, Theme.scaled(760)) : 0
            anchors.left: parent ? parent.left : undefined // of a Column, which itself leaves narrow items at the left
            spacing: Theme.gap

            AskToConnect {
                visible: !frame.allowed
                Layout.fillWidth: true
                hub: frame.app.network.hubName
                used: frame.app.network.used
                onAllowed: {
                    frame.app.network.allowed = true;
                    search.forceActiveFocus();
                }
                onRefused: frame.app.go("models", {})
            }
            GridLayout {
                visible: frame.allowed
                Layout.fillWidth: true
                columns: frame.narrow ? 1 : 2
                columnSpacing: Theme.gapS
                rowSpacing: Theme.gapS
                Field {
                    id: search
                    Layout.fillWidth: true
                    focus: true
                    name: qsTr("Name, link or words")
                    placeholderText: qsTr("owner/model, a link, or words such as smollm2")
                    onAccepted: frame.find()
                }
                ActionButton {
                    primary: frame.downloads.model === ""
                    iconName: "search"
                    text: qsTr("Search")
                    enabled: search.text.trim() !== ""
                    onClicked: frame.find()
                }
            }
            ErrorCard {
                Layout.fillWidth: true
                error: frame.downloads.error
                actionText: ""
                closable: true
                onClosed: frame.downloads.closeError()
            }
            Notice {
                visible: frame.downloads.arrived !== ""
                Layout.fillWidth: true
                tone: "good"
                text: qsTr("%1 is here, complete and checked.").arg(frame.downloads.arrived.split("/").pop())
                actionText: qsTr("Show it")
                closable: true
                onAction: frame.app.go("models", { model: frame.downloads.arrived })
                onClosed: frame.downloads.closeArrived()
            }
            RunningCard {
                visible: frame.downloads.running
                Layout.fillWidth: true
                downloads: frame.downloads
            }
            Repeater {
                model: frame.downloads.paused
                PausedCard {
                    required property pausedDownload modelData
                    Layout.fillWidth: true
                    download: modelData
                    mayGoOn: frame.allowed && !frame.downloads.running
                    onGoOn: frame.downloads.goOn(download.id)
                    onDiscarded: frame.downloads.discard(download.id)
                }
            }
            RowLayout {
                visible: frame.downloads.state === PageController.Loading
                Layout.fillWidth: true
                spacing: Theme.gap
                ProgressLine {
                    Layout.fillWidth: true
                    name: qsTr("Asking %1").arg(frame.app.network.hubName)
                    fraction: -1
                }
                ActionButton {
                    text: qsTr("Cancel")
                    onClicked: frame.downloads.stopAsking()
                }
            }

            // One model: what it offers.
            ColumnLayout {
                visible: frame.allowed && frame.downloads.model !== ""
                Layout.fillWidth: true
                Layout.topMargin: Theme.gap
                spacing: Theme.gapS
                RowLayout {
                    Layout.fillWidth: true
                    spacing: Theme.gapS
                    IconButton {
                        iconName: "left"
                        text: qsTr("Back to what was found (Esc)")
                        onClicked: frame.downloads.closeModel()
                    }
                    HeadingText {
                        Layout.fillWidth: true
                        text: frame.downloads.model
                        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                    }
                }
                CaptionText {
                    Layout.fillWidth: true
                    text: frame.downloads.modelDetail
                }
                BodyText {
                    Layout.fillWidth: true
                    Layout.bottomMargin: Theme.gapXs
                    color: Theme.secondaryText
                    text: qsTr("Fewer bits: smaller and faster, a little less exact. Whether one fits is judged by its size, and exactly once it is here.")
                }
                Repeater {
                    model: frame.downloads.model !== "" ? frame.downloads.choices : []
                    ChoiceRow {
                        required property hubChoice modelData
                        Layout.fillWidth: true
                        choice: modelData
                        enabled: !frame.downloads.running
                        narrow: frame.narrow
                        onWanted: frame.downloads.get(choice.name)
                    }
                }
            }

            // What the search found.
            ColumnLayout {
                visible: frame.allowed && frame.downloads.model === "" && frame.downloads.searched
                Layout.fillWidth: true
                Layout.topMargin: Theme.gap
                spacing: 2
                BodyText {
                    visible: frame.downloads.hits.length === 0
                    Layout.fillWidth: true
                    text: qsTr("Nothing was found. Fewer words find more.")
                }
                Repeater {
                    model: frame.downloads.model === "" ? frame.downloads.hits : []
                    FoundRow {
                        required property hubHit modelData
                        Layout.fillWidth: true
                        hit: modelData
                        onClicked: frame.downloads.lookUp(hit.name)
                    }
                }
            }
            BodyText {
                visible: frame.allowed && frame.downloads.model === "" && !frame.downloads.searched
                Layout.fillWidth: true
                Layout.topMargin: Theme.gap
                color: Theme.secondaryText
                text: qsTr("Models that end in GGUF are ready to use. Others are originals: larger, and you can make them smaller here. Licences differ; the page of each model says what it may be used for.")
            }
            Item { Layout.preferredHeight: Theme.gap }
        }
    }
}
