import QtQuick
import QtQuick.Layouts
import Nibble

/// Above the conversation: what the model is told, what it runs on, how full its memory is, and what to do with the chat.
/// In two lines where there is little room.
GridLayout {
    id: header

    required property ChatController controller
    property bool narrow: false
    signal listWanted()
    signal instructionsWanted()
    signal saveWanted()

    columns: narrow ? 1 : 2
    columnSpacing: Theme.gapS
    rowSpacing: Theme.gapXs

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gapS
        ActionButton {
            visible: header.narrow
            quiet: true
            iconName: "left"
            text: qsTr("All chats")
            onClicked: header.listWanted()
        }
        ActionButton {
            quiet: true
            Layout.fillWidth: true
            Layout.maximumWidth: implicitWidth
            iconName: "info"
            text: header.controller.role < 0 ? qsTr("My own instructions") : header.controller.roles[header.controller.role]
            tip: qsTr("What the model is told before this chat (Ctrl+I)")
            onClicked: header.instructionsWanted()
        }
        Item { Layout.fillWidth: true }
        IconButton {
            enabled: header.controller.messages.count > 0
            iconName: "copy"
            text: qsTr("Copy the whole chat")
            onClicked: Clipboard.copy(header.controller.asText())
        }
        IconButton {
            enabled: header.controller.messages.count > 0
            iconName: "disk"
            text: qsTr("Save the chat as a document (Ctrl+S)")
            onClicked: header.saveWanted()
        }
    }
    RowLayout {
        visible: runsOn.text !== "" || meter.visible
        spacing: Theme.gap
        CaptionText {
            id: runsOn
            Layout.fillWidth: header.narrow
            elide: Text.ElideRight
            wrapMode: Text.NoWrap
            text: header.controller.runsOn
            activeFocusOnTab: text !== ""
            Accessible.description: header.controller.runsOnReason
            FocusRing { shown: parent.activeFocus }
            HoverHandler { id: runsOnHover }
            Tip {
                text: header.controller.runsOnReason
                shown: text !== "" && (runsOnHover.hovered || parent.activeFocus)
            }
        }
        ContextMeter {
            id: meter
            share: header.controller.contextShare
            text: header.controller.contextText
        }
    }
}
