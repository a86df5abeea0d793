import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// A saved chat. Deleting asks in place.
T.ItemDelegate {
    id: row

    required property var chatId
    required property string title
    required property string when
    property bool selected: false
    property bool asking: false
    signal deleted()
    function askToDelete() { asking = true; }

    implicitHeight: content.implicitHeight + 2 * Theme.gapS
    leftPadding: Theme.gapS
    rightPadding: Theme.gapXs
    hoverEnabled: true
    focusPolicy: Qt.NoFocus // the list has the focus
    Accessible.role: Accessible.ListItem
    Accessible.name: title
    Accessible.description: when
    Accessible.selected: selected

    contentItem: RowLayout {
        id: content
        spacing: Theme.gapXs
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 0
            BodyText {
                Layout.fillWidth: true
                text: row.asking ? qsTr("Delete this chat?") : row.title
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                Accessible.ignored: true
            }
            CaptionText {
                visible: !row.asking
                text: row.when
                Accessible.ignored: true
            }
        }
        IconButton {
            visible: row.hovered || row.selected || row.asking
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
