import QtQuick
import QtQuick.Layouts
import Nibble

/// A model to start with: what it is, how big, whether it fits and what is left then.
Card {
    id: card

    property string iconName
    property string title
    property string text
    property modelEntry entry
    property bool primary: false
    readonly property bool usable: entry.path !== ""
    signal chosen()

    function takeFocus() { button.forceActiveFocus(); }

    Layout.fillWidth: true
    Layout.fillHeight: true
    Layout.preferredWidth: 1 // three of a width
    implicitHeight: column.implicitHeight + 2 * Theme.gapL
    border.color: primary ? Theme.accent : Theme.border

    ColumnLayout {
        id: column
        anchors.fill: parent
        anchors.margins: Theme.gapL
        spacing: Theme.gap
        StartingHead {
            Layout.fillWidth: true
            iconName: card.iconName
            title: card.title
        }
        BodyText {
            Layout.fillWidth: true
            text: card.text
            color: Theme.secondaryText
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
        ColumnLayout {
            visible: card.usable
            Layout.fillWidth: true
            spacing: Theme.gapS
            BodyText {
                Layout.fillWidth: true
                text: card.entry.name
                font.weight: Font.DemiBold
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
            CaptionText {
                Layout.fillWidth: true
                text: card.entry.precision
            }
            Badge {
                visible: text !== ""
                text: card.entry.fitShort
                tone: card.entry.fitTone
                icon: tone === "good" ? "check" : "warning"
                maximumWidth: card.width - 2 * Theme.gapL
            }
            CaptionText {
                visible: text !== ""
                Layout.fillWidth: true
                text: card.entry.fitText
            }
            CaptionText {
                visible: text !== ""
                Layout.fillWidth: true
                text: card.entry.speed
            }
        }
        Item { Layout.fillHeight: true }
        ActionButton {
            id: button
            enabled: card.usable
            primary: card.primary
            text: qsTr("Start with this one")
            Accessible.name: qsTr("Start with %1").arg(card.usable ? card.entry.name : card.title)
            Accessible.description: [card.entry.precision, card.entry.fitText].filter(part => part !== "").join(", ")
            onClicked: card.chosen()
        }
    }
}
