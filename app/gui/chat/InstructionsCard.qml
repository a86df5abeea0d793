import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// What the model is told before this chat: one of the office tasks, or the user's own words.
Card {
    id: card

    required property ChatController controller
    signal closed()
    signal advancedWanted()
    function takeFocus() { choice.forceActiveFocus(); }

    implicitHeight: column.implicitHeight + 2 * Theme.gap

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gap
        spacing: Theme.gapS
        RowLayout {
            spacing: Theme.gapS
            Choice {
                id: choice
                Layout.fillWidth: true
                Layout.maximumWidth: Theme.scaled(300)
                name: qsTr("Task of the model in this chat")
                model: card.controller.roles
                currentIndex: card.controller.role
                displayText: card.controller.role < 0 ? qsTr("My own instructions") : card.controller.roles[card.controller.role]
                onActivated: row => card.controller.chooseRole(row)
            }
            Item { Layout.fillWidth: true }
            IconButton {
                iconName: "close"
                text: qsTr("Close the instructions")
                onClicked: card.closed()
            }
        }
        Rectangle {
            Layout.fillWidth: true
            implicitHeight: Math.max(Theme.scaled(64), area.contentHeight + Theme.scaled(18))
            radius: Theme.radiusS
            color: Theme.card
            border.width: area.activeFocus ? 2 : 1
            border.color: area.activeFocus ? Theme.focus : Theme.fieldBorder
            T.TextArea {
                id: area
                anchors.fill: parent
                anchors.margins: Theme.scaled(9)
                text: card.controller.instructions
                wrapMode: TextEdit.Wrap
                textFormat: TextEdit.PlainText
                font: Theme.bodyFont
                color: Theme.text
                selectionColor: Theme.accent
                selectedTextColor: Theme.accentText
                selectByMouse: true
                activeFocusOnTab: true
                Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
                Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
                Accessible.name: qsTr("Instructions for the model")
                onEditingFinished: card.controller.instructions = text
                BodyText {
                    visible: area.text === ""
                    width: parent.width
                    color: Theme.secondaryText
                    text: qsTr("For example: You answer customers of a heating company. Be friendly and brief.")
                }
            }
        }
        RowLayout {
            spacing: Theme.gap
            CaptionText {
                Layout.fillWidth: true
                text: qsTr("The model is told this before every message of this chat.")
            }
            ActionButton {
                quiet: true
                iconName: "settings"
                text: qsTr("Advanced…")
                tip: qsTr("How the next word is chosen in this chat")
                onClicked: card.advancedWanted()
            }
        }
    }
}
