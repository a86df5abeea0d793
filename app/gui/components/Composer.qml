import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// Where the user writes: Enter sends, Shift+Enter is a new line. While an answer is written, Send is Stop.
Rectangle {
    id: composer

    property string initialText
    property string placeholder
    property string sendText: qsTr("Send")
    property bool canSend: false
    property bool busy: false
    property bool closable: false
    property bool attachable: false
    readonly property string text: area.text
    signal attachWanted()
    signal sent(text: string)
    signal stopped()
    signal closed()

    function enter(event: var) {
        event.accepted = !(event.modifiers & Qt.ShiftModifier); // with Shift: a new line
        if (event.accepted)
            submit();
    }
    function takeFocus() { area.forceActiveFocus(); }
    function submit() {
        if (!canSend || busy || area.text.trim() === "")
            return;
        const text = area.text;
        area.clear();
        sent(text);
    }
    function setText(text: string) {
        area.text = text;
        area.cursorPosition = area.length;
    }
    function insert(text: string) {
        setText(text);
        takeFocus();
    }

    implicitHeight: Math.max(Theme.scaled(48), Math.min(Theme.scaled(180), area.contentHeight + Theme.scaled(24)))
    radius: Theme.radius
    color: Theme.card
    border.width: area.activeFocus ? 2 : 1
    border.color: area.activeFocus ? Theme.focus : Theme.fieldBorder

    Flickable {
        id: scroll
        anchors.left: parent.left
        anchors.right: row.left
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        anchors.margins: Theme.scaled(12)
        anchors.rightMargin: Theme.gapS
        contentHeight: area.height
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        T.TextArea {
            id: area
            width: scroll.width
            height: Math.max(contentHeight + 2, scroll.height)
            text: composer.initialText
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.PlainText
            font: Theme.bodyFont
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentText
            selectByMouse: true
            focus: true
            activeFocusOnTab: true
            // Tab leaves the text; a language model has no use for one.
            Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
            Accessible.name: qsTr("Your message")
            Accessible.description: qsTr("Enter sends, Shift and Enter starts a new line")
            onCursorRectangleChanged: {
                if (cursorRectangle.y < scroll.contentY)
                    scroll.contentY = cursorRectangle.y;
                else if (cursorRectangle.y + cursorRectangle.height > scroll.contentY + scroll.height)
                    scroll.contentY = cursorRectangle.y + cursorRectangle.height - scroll.height;
            }
            Keys.onReturnPressed: event => composer.enter(event)
            Keys.onEnterPressed: event => composer.enter(event)
            Keys.onEscapePressed: event => {
                event.accepted = composer.closable;
                if (composer.closable)
                    composer.closed();
            }
            Text {
                visible: area.text === "" && area.preeditText === ""
                width: parent.width
                text: composer.placeholder
                textFormat: Text.PlainText
                font: area.font
                color: Theme.secondaryText
                elide: Text.ElideRight
            }
        }
    }
    RowLayout {
        id: row
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: Theme.scaled(7)
        spacing: Theme.gapS
        IconButton {
            visible: composer.attachable
            iconName: "plus"
            text: qsTr("Add files: text, PDF, spreadsheets")
            onClicked: composer.attachWanted()
        }
        ActionButton {
            visible: composer.closable
            quiet: true
            text: qsTr("Cancel")
            onClicked: composer.closed()
        }
        ActionButton {
            id: button
            primary: true
            enabled: composer.busy || (composer.canSend && area.text.trim() !== "")
            iconName: composer.busy ? "stop" : "send"
            text: composer.busy ? qsTr("Stop") : composer.sendText
            tip: composer.busy ? qsTr("What was written stays (Esc).") : ""
            onClicked: composer.busy ? composer.stopped() : composer.submit()
        }
    }
}
