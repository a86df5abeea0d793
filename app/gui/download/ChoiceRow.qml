import QtQuick
import QtQuick.Layouts
import Nibble

/// A file that can be downloaded: how fine and large it is, whether it fits, and its button.
Card {
    id: row

    required property hubChoice choice
    property bool narrow: false
    signal wanted()

    implicitHeight: grid.implicitHeight + 2 * Theme.gap

    GridLayout {
        id: grid
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.gapL
        anchors.rightMargin: Theme.gap
        columns: row.narrow ? 1 : 3
        columnSpacing: Theme.gap
        rowSpacing: Theme.gapS
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            BodyText {
                Layout.fillWidth: true
                text: row.choice.title
                font.weight: Font.DemiBold
            }
            CaptionText {
                Layout.fillWidth: true
                text: row.choice.detail
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
            CaptionText {
                Layout.fillWidth: true
                text: row.choice.fitText
            }
        }
        Badge {
            text: row.choice.fitShort
            tone: row.choice.fitTone
            icon: tone === "good" ? "check" : "warning"
        }
        ActionButton {
            primary: row.choice.suggested
            iconName: "drop"
            text: qsTr("Download")
            Accessible.name: qsTr("Download %1").arg(row.choice.detail)
            onClicked: row.wanted()
        }
    }
}
