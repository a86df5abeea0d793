import QtQuick
import QtQuick.Layouts
import Nibble

/// A model in a pack: its size and licence, and whether it fits.
Card {
    id: row

    required property packModel model

    implicitHeight: line.implicitHeight + 2 * Theme.gap
    Accessible.role: Accessible.Grouping
    Accessible.name: [model.name, model.detail, model.fitShort].join(", ")

    RowLayout {
        id: line
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.gapL
        anchors.rightMargin: Theme.gap
        spacing: Theme.gap
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            BodyText {
                Layout.fillWidth: true
                text: row.model.name
                font.weight: Font.DemiBold
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
            CaptionText {
                Layout.fillWidth: true
                text: row.model.detail
            }
            CaptionText {
                visible: text !== ""
                Layout.fillWidth: true
                text: row.model.fitText
            }
        }
        Badge {
            text: row.model.fitShort
            tone: row.model.fitTone
            icon: tone === "good" ? "check" : "warning"
        }
    }
}
