pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// The chats saved on this computer, newest first, with a search through every word of them.
Card {
    id: pane

    required property ChatController controller
    readonly property bool movable: controller.projects.places.length > 1 && !controller.projects.inTrash
    property bool held: false // the mouse is pressed on a chat
    property ChatRow dragged: null
    function find() { field.forceActiveFocus(); }
    function takeUp(row: ChatRow) {
        if (!row)
            ghost.Drag.drop();
        dragged = row;
        held = row !== null;
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.gapS
        spacing: Theme.gapS

        ActionButton {
            Layout.fillWidth: true
            iconName: "plus"
            text: qsTr("New chat")
            tip: qsTr("Ctrl+N")
            onClicked: pane.controller.newChat()
        }
        ProjectChooser {
            Layout.fillWidth: true
            projects: pane.controller.projects
        }
        Field {
            id: field
            Layout.fillWidth: true
            name: qsTr("Search chats")
            placeholderText: pane.controller.projects.view === 0 ? qsTr("Search all chats") : qsTr("Search these chats")
            onTextChanged: pane.controller.search = text
        }
        ListView {
            id: list
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            spacing: 2
            boundsBehavior: Flickable.StopAtBounds
            interactive: !pane.held // a pressed mouse drags a chat, not the list
            model: pane.controller.conversations
            highlightMoveDuration: Appearance.calm ? 0 : -1
            currentIndex: { void pane.controller.conversations.count; return pane.controller.conversations.indexOf(pane.controller.current); }
            keyNavigationEnabled: false
            activeFocusOnTab: count > 0
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Chats")
            Keys.onUpPressed: openRow(currentIndex - 1)
            Keys.onDownPressed: openRow(currentIndex + 1)
            Keys.onDeletePressed: if (currentItem) (currentItem as ChatRow).askToDelete()
            Keys.onPressed: event => {
                if (event.key === Qt.Key_F2 && currentItem)
                    (currentItem as ChatRow).askForName();
            }

            function openRow(row: int) {
                const item = itemAtIndex(row) as ChatRow;
                if (item)
                    pane.controller.openChat(item.chatId);
            }
            delegate: ChatRow {
                width: ListView.view.width
                selected: ListView.isCurrentItem
                forGood: pane.controller.projects.inTrash
                movable: pane.movable
                onHeldChanged: pane.held = held
                onDraggingChanged: pane.takeUp(dragging ? this : null)
                onClicked: pane.controller.openChat(chatId)
                onDeleted: pane.controller.removeChat(chatId)
                onRenamed: title => pane.controller.renameChat(chatId, title)
                FocusRing {
                    shown: list.activeFocus && parent.selected
                    gap: -4
                }
            }
            T.ScrollBar.vertical: ScrollLine {}
        }
        CaptionText {
            visible: list.count === 0
            Layout.fillWidth: true
            Layout.bottomMargin: Theme.gap
            horizontalAlignment: Text.AlignHCenter
            text: pane.controller.search !== "" ? pane.controller.projects.view === 0 ? qsTr("No chat has these words.") : qsTr("No chat here has these words.")
                : pane.controller.projects.name !== "" ? qsTr("No chats in this project yet. A new chat will be in it.")
                : qsTr("Chats are saved here, on this computer only.")
        }
        ActionButton {
            visible: list.count === 0 && pane.controller.search !== "" && pane.controller.projects.view !== 0
            Layout.fillWidth: true
            iconName: "search"
            text: qsTr("Search all chats")
            onClicked: pane.controller.projects.view = 0
        }
        ActionButton {
            visible: pane.controller.projects.inTrash && list.currentIndex >= 0
            Layout.fillWidth: true
            iconName: "refresh"
            text: qsTr("Put this chat back")
            onClicked: pane.controller.putBack()
        }
        CaptionText {
            visible: place.visible
            Layout.fillWidth: true
            text: qsTr("This chat is in")
        }
        Choice {
            id: place
            visible: count > 1 && !pane.controller.projects.inTrash
            Layout.fillWidth: true
            name: qsTr("Project of this chat")
            model: pane.controller.projects.places
            currentIndex: pane.controller.place
            displayText: pane.controller.projects.places[pane.controller.place]
            onActivated: row => pane.controller.moveTo(row)
        }
    }
    DropPlaces {
        visible: pane.dragged !== null
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapS
        height: Math.min(Math.max(implicitHeight, list.y - Theme.gapS), parent.height - 2 * Theme.gapS)
        clip: true
        projects: pane.controller.projects
        pointer: pane.dragged ? pane.dragged.grip.y - mapToItem(null, 0, 0).y : -1
        onScrolled: ghost.nudge = 0.1 - ghost.nudge
        onPicked: place => pane.controller.moveChat(pane.dragged.chatId, place)
    }
    DraggedChat {
        id: ghost
        visible: pane.dragged !== null
        title: pane.dragged ? pane.dragged.title : ""
        grip: pane.dragged ? pane.dragged.grip : Qt.point(0, 0)
        Drag.active: pane.dragged !== null
    }
}
