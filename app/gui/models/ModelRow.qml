import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// A model in the list: name and badge above, facts below.
T.ItemDelegate {
    id: row

    required property modelEntry entry
    required property int index
    property bool selected: false

    implicitHeight: content.implicitHeight + 2 * Theme.gap
    leftPadding: Theme.gap + 4
    rightPadding: Theme.gap + 4
    focusPolicy: Qt.NoFocus // the list has the focus
    hoverEnabled: true
    Accessible.role: Accessible.ListItem
    Accessible.name: entry.spoken
    Accessible.description: entry.problem !== "" ? entry.problem : entry.fitText
    Accessible.selected: selected

    contentItem: RowLayout {
        id: content
        spacing: Theme.gap
        Rectangle {
            Layout.preferredWidth: Theme.scaled(38)
            Layout.preferredHeight: Theme.scaled(38)
            radius: Theme.radiusS
            color: row.selected ? Theme.card : row.entry.quantized || row.entry.problem !== "" ? Theme.raised : Theme.accentSoft
            Icon {
                anchors.centerIn: parent
                width: Theme.scaled(20)
                height: width
                name: row.entry.problem !== "" ? "warning" : row.entry.quantized ? "smaller" : "models"
                color: row.entry.problem !== "" ? Theme.warn : row.entry.quantized ? Theme.secondaryText : Theme.accent
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            BodyText {
                Layout.fillWidth: true
                text: row.entry.name
                font.weight: Font.DemiBold
                wrapMode: Text.NoWrap
                elide: Text.ElideMiddle
                Accessible.ignored: true
            }
            CaptionText {
                Layout.fillWidth: true
                text: row.entry.summary
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                Accessible.ignored: true
            }
        }
        Badge {
            visible: text !== ""
            text: row.entry.fitShort
            tone: row.entry.fitTone
            icon: row.entry.fitTone === "good" ? "check" : row.entry.fitTone === "" ? "info" : "warning"
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: row.selected ? Theme.accentSoft : row.hovered ? Theme.raised : "transparent"
    }
}
