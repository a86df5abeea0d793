pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

T.ApplicationWindow {
    id: window

    required property App app

    /// The page table: a page is a folder here, a line in CMakeLists.txt and a row in this list.
    readonly property list<PageEntry> pages: [
        PageEntry { name: "models"; title: qsTr("Models"); icon: "models"; source: "models/Page.qml" },
        PageEntry { name: "smaller"; title: qsTr("Make smaller"); icon: "smaller"; source: "smaller/Page.qml" },
        PageEntry { name: "chat"; title: qsTr("Chat"); icon: "chat"; source: "chat/Page.qml" },
        PageEntry { name: "compare"; title: qsTr("Compare"); icon: "compare"; source: "compare/Page.qml" },
        PageEntry { name: "settings"; title: qsTr("Settings"); icon: "settings"; source: "settings/Page.qml" },
        PageEntry { name: "welcome"; title: qsTr("Welcome"); source: "welcome/Page.qml"; listed: false; rail: false },
        PageEntry { name: "download"; title: qsTr("Download a model"); source: "download/Page.qml"; listed: false; parentPage: "models" },
        PageEntry { name: "pack"; title: qsTr("Open a pack"); source: "pack/Page.qml"; listed: false; parentPage: "models" }
    ]
    /// The page in sight; null while it is being made.
    readonly property Item currentFrame: {
        const loader = stack.count > 0 ? stack.itemAt(indexOf(app.page)) as Loader : null;
        return loader ? loader.item : null;
    }
    readonly property bool withRail: { const row = indexOf(app.page); return row < 0 || pages[row].rail; }
    readonly property string railPage: { const row = indexOf(app.page); return row < 0 || pages[row].listed ? app.page : pages[row].parentPage; }
    readonly property bool compact: width < 980 * Theme.scale

    function indexOf(name: string): int {
        for (let i = 0; i < pages.length; ++i) {
            if (pages[i].name === name)
                return i;
        }
        return -1;
    }

    Component.onCompleted: {
        const names = [];
        for (let i = 0; i < pages.length; ++i)
            names.push(pages[i].name);
        app.pages = names;
    }

    LayoutMirroring.enabled: Language.rightToLeft
    LayoutMirroring.childrenInherit: true
    width: 1180
    height: 780
    minimumWidth: 640
    minimumHeight: 480
    visible: true
    title: qsTr("Nibble")
    color: Theme.page
    font: Theme.bodyFont
    palette.window: Theme.page
    palette.windowText: Theme.text
    palette.base: Theme.card
    palette.text: Theme.text
    palette.button: Theme.raised
    palette.buttonText: Theme.text
    palette.highlight: Theme.accent
    palette.highlightedText: Theme.accentText

    Connections {
        target: window.app
        function onOpened(page, request) {
            const loader = stack.itemAt(window.indexOf(page)) as Loader;
            const frame = loader ? loader.item as PageFrame : null;
            if (frame)
                frame.open(request);
        }
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        Rectangle {
            visible: window.withRail
            Layout.fillHeight: true
            Layout.preferredWidth: window.compact ? Theme.scaled(64) : Theme.scaled(212)
            color: Theme.rail

            ColumnLayout {
                anchors.fill: parent
                anchors.margins: Theme.gap
                anchors.topMargin: Theme.gapL
                spacing: Theme.gapXs

                Row {
                    Layout.bottomMargin: Theme.gapL
                    Layout.alignment: window.compact ? Qt.AlignHCenter : Qt.AlignLeft
                    Layout.leftMargin: window.compact ? 0 : Theme.gapS
                    spacing: Theme.gap
                    Icon {
                        width: Theme.scaled(30)
                        height: width
                        name: "nibble"
                    }
                    HeadingText {
                        visible: !window.compact
                        anchors.verticalCenter: parent.verticalCenter
                        text: qsTr("Nibble")
                    }
                }
                Repeater {
                    model: window.pages.length
                    RailItem {
                        required property int index
                        visible: window.pages[index].listed
                        Layout.fillWidth: true
                        text: window.pages[index].title
                        iconName: window.pages[index].icon
                        keys: qsTr("Ctrl+%1").arg(index + 1)
                        compact: window.compact
                        current: window.railPage === window.pages[index].name
                        onClicked: window.app.go(window.pages[index].name, {})
                    }
                }
                Item { Layout.fillHeight: true }
                NetworkLine {
                    network: window.app.network
                    compact: window.compact
                    Layout.fillWidth: true
                    Layout.margins: Theme.gapXs
                    Layout.bottomMargin: Theme.gapS
                }
                DeviceChip {
                    Layout.fillWidth: true
                    compact: window.compact
                    text: window.app.device
                    detail: window.app.deviceDetail
                }
            }
            Rectangle {
                anchors.right: parent.right
                width: 1
                height: parent.height
                color: Theme.border
            }
        }

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: 0

            Notice {
                Layout.fillWidth: true
                Layout.margins: Theme.gap
                Layout.bottomMargin: 0
                visible: text !== ""
                text: window.app.notice
                tone: window.app.noticeTone
                closable: true
                onClosed: window.app.closeNotice()
            }
            Notice {
                Layout.fillWidth: true
                Layout.margins: Theme.gap
                Layout.bottomMargin: 0
                property bool dismissed: false
                readonly property var jobs: window.app.unfinished.jobs
                visible: jobs.length > 0 && !dismissed && window.withRail && window.app.page !== "smaller"
                text: jobs.length > 0 ? jobs[0].title + "." : ""
                actionText: qsTr("Show")
                closable: true
                onAction: window.app.go("smaller", {})
                onClosed: dismissed = true
                onJobsChanged: dismissed = false
            }
            StackLayout {
                Layout.fillWidth: true
                Layout.fillHeight: true
                currentIndex: window.indexOf(window.app.page)

                Repeater {
                    id: stack
                    model: window.pages.length
                    // A page is made when first shown, and then kept.
                    Loader {
                        id: loader
                        required property int index
                        readonly property bool current: window.app.page === window.pages[index].name
                        function load() {
                            if (status === Loader.Null)
                                setSource(window.pages[index].source, { app: window.app });
                        }
                        /// In another language: pages put their figures into words again when they are made anew. One with
                        /// work under way stays.
                        function renew() {
                            const frame = item as PageFrame;
                            const controller = frame ? frame.controller as PageController : null;
                            if (!current && (!controller || controller.state !== PageController.Busy))
                                source = "";
                        }
                        Connections {
                            target: Language
                            function onChanged() { loader.renew(); }
                        }
                        focus: current
                        onCurrentChanged: if (current) load()
                        Component.onCompleted: if (current) load()
                    }
                }
            }
        }
    }

    Repeater {
        model: window.pages.length
        Item {
            id: holder
            required property int index
            Shortcut {
                enabled: window.pages[holder.index].listed
                sequences: ["Ctrl+" + (holder.index + 1)]
                onActivated: window.app.go(window.pages[holder.index].name, {})
            }
        }
    }
    Shortcut {
        sequences: ["Escape"]
        onActivated: {
            const frame = window.currentFrame as PageFrame;
            if (!frame || !frame.goBack())
                window.app.closeNotice();
        }
    }
    Shortcut {
        sequences: [StandardKey.Open]
        onActivated: window.app.go("models", { dialog: true })
    }
    Shortcut {
        sequences: ["Ctrl+,"]
        onActivated: window.app.go("settings", {})
    }
    Shortcut {
        sequences: [StandardKey.Quit]
        onActivated: window.close()
    }
    Shortcut {
        sequences: ["Ctrl++", "Ctrl+="]
        onActivated: Appearance.zoom(1)
    }
    Shortcut {
        sequences: ["Ctrl+-"]
        onActivated: Appearance.zoom(-1)
    }
    Shortcut {
        sequences: ["Ctrl+0"]
        onActivated: Appearance.zoom(0)
    }
}
