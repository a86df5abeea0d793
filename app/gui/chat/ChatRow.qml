import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// A saved chat. Deleting asks in place; so does renaming. With the mouse it can be dragged.
T.ItemDelegate {
    id: row

    required property var chatId
    required property string title
    required property string when
    required property string found
    property bool selected: false
    property bool forGood: false // it is in the trash
    property bool asking: false
    property bool renaming: false
    property bool movable: false // onto a project, with the mouse
    readonly property bool held: press.active
    readonly property bool dragging: drag.active
    readonly property point grip: drag.centroid.scenePosition
    signal deleted()
    signal renamed(title: string)
    function askToDelete() { asking = true; }
    function askForName() {
        renaming = true;
        nameField.text = title;
        nameField.selectAll();
        nameField.forceActiveFocus();
    }
    function endRenaming(keep: bool) {
        if (renaming && keep && nameField.text.trim() !== "")
            renamed(nameField.text);
        renaming = false;
    }

    implicitHeight: content.implicitHeight + 2 * Theme.gapS
    leftPadding: Theme.gapS
    rightPadding: Theme.gapXs
    hoverEnabled: true
    focusPolicy: Qt.NoFocus // the list has the focus
    Accessible.role: Accessible.ListItem
    Accessible.name: title
    Accessible.description: found === "" ? when : found
    Accessible.selected: selected

    PointHandler {
        id: press
        enabled: row.movable
        acceptedDevices: PointerDevice.Mouse
    }
    DragHandler {
        id: drag
        enabled: row.movable && !row.renaming
        target: null
        acceptedDevices: PointerDevice.Mouse
    }
    contentItem: RowLayout {
        id: content
        spacing: Theme.gapXs
        Field {
            id: nameField
            visible: row.renaming
            Layout.fillWidth: true
            name: qsTr("New name of the chat")
            Keys.onReturnPressed: row.endRenaming(true)
            Keys.onEnterPressed: row.endRenaming(true)
            Keys.onEscapePressed: row.endRenaming(false)
            onActiveFocusChanged: if (!activeFocus) row.endRenaming(true)
        }
        ColumnLayout {
            visible: !row.renaming
            Layout.fillWidth: true
            spacing: 0
            BodyText {
                Layout.fillWidth: true
                text: !row.asking ? row.title : row.forGood ? qsTr("Delete it for good?") : qsTr("Delete this chat?")
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                Accessible.ignored: true
            }
            CaptionText {
                visible: !row.asking
                Layout.fillWidth: true
                maximumLineCount: row.found === "" ? 1 : 2
                elide: Text.ElideRight
                text: row.found === "" ? row.when : row.found
                Accessible.ignored: true
            }
        }
        IconButton {
            visible: row.hovered && !row.asking && !row.renaming // by keyboard: F2
            iconName: "edit"
            text: qsTr("Rename %1 (F2)").arg(row.title)
            onClicked: row.askForName()
        }
        IconButton {
            visible: (row.hovered || row.selected || row.asking) && !row.renaming
            iconName: "trash"
            ink: row.asking ? Theme.bad : Theme.secondaryText
            text: row.asking ? qsTr("Yes, delete %1").arg(row.title) : qsTr("Delete %1").arg(row.title)
            onClicked: row.asking ? row.deleted() : row.askToDelete()
        }
        IconButton {
            visible: row.asking
            iconName: "close"
            text: qsTr("Keep it")
            onClicked: row.asking = false
        }
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: row.selected ? Theme.accentSoft : row.hovered ? Theme.raised : "transparent"
    }
}
