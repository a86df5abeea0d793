pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Nibble

/// The turns of a chat, seen from their end.
Item {
    id: view

    required property MessageList model
    property bool busy: false
    readonly property alias count: list.count
    signal retryWanted(row: int)
    signal versionWanted(row: int, step: int)
    signal edited(row: int, text: string)
    signal linkChosen(address: string)

    ListView {
        id: list
        /// Another chat is being opened. With no height, the list makes one row of its beginning instead of a screen full.
        property bool opening: false
        /// Follows the answer while the user is at its end.
        property bool following: true

        function showEnd() {
            opening = false;
            positionViewAtEnd();
        }

        function scroll(step: int) {
            if (!Appearance.calm)
                return flick(0, -900 * step);
            contentY = Math.max(originY, Math.min(contentY + 120 * step, originY + contentHeight - height));
            following = atYEnd;
        }

        width: view.width
        height: opening ? 0 : view.height
        clip: true
        spacing: Theme.gapXs
        boundsBehavior: Flickable.StopAtBounds
        model: view.model
        activeFocusOnTab: count > 0
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Conversation")
        Keys.onUpPressed: scroll(-1)
        Keys.onDownPressed: scroll(1)
        onContentHeightChanged: if (following && !opening) Qt.callLater(positionViewAtEnd)
        onHeightChanged: if (following && !opening) Qt.callLater(positionViewAtEnd) // a card above takes room
        onCountChanged: following = true
        onMovementEnded: following = atYEnd
        delegate: MessageItem {
            x: list.LayoutMirroring.enabled ? Theme.gap : 0 // the scroll bar's side
            width: list.width - Theme.gap
            busy: view.busy
            onRetry: view.retryWanted(index)
            onVersionWanted: step => view.versionWanted(index, step)
            onEdited: text => view.edited(index, text)
            onLinkChosen: address => view.linkChosen(address)
        }
        T.ScrollBar.vertical: ScrollLine {}
        FocusRing { shown: list.activeFocus && list.Window.window !== null; gap: -2 }
    }
    Connections {
        target: view.model
        function onModelAboutToBeReset() { list.opening = true; }
        function onModelReset() { showing.restart(); }
    }
    // The rows at the end are made one frame later, not in the turn of the event loop that has read the chat.
    Timer {
        id: showing
        interval: 16
        onTriggered: list.showEnd()
    }
}
