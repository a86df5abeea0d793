import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// One of the stops, as a radio button with this model's own figures.
T.RadioButton {
    id: card

    required property stop stop
    property bool wide: false // one below the other instead of side by side
    readonly property bool known: stop.size !== ""

    implicitWidth: Theme.scaled(150)
    implicitHeight: grid.implicitHeight + topPadding + bottomPadding
    padding: Theme.gap + 2
    focusPolicy: checked ? Qt.StrongFocus : Qt.ClickFocus
    enabled: stop.usable
    hoverEnabled: true
    Accessible.name: stop.spoken
    Accessible.description: stop.problem !== "" ? stop.problem : stop.sentence

    contentItem: GridLayout {
        id: grid
        columns: card.wide ? 4 : 1
        columnSpacing: Theme.gapL
        rowSpacing: Theme.gapS
        RowLayout {
            Layout.preferredWidth: card.wide ? Theme.scaled(76) : -1
            Layout.maximumWidth: card.wide ? Theme.scaled(76) : -1
            spacing: Theme.gapXs + 2
            Text {
                text: card.stop.bits
                color: card.checked ? Theme.accent : Theme.text
                font.family: Theme.family
                font.pointSize: Theme.titleSize * 1.25
                font.weight: Font.DemiBold
            }
            CaptionText {
                Layout.alignment: Qt.AlignBaseline
                text: qsTr("bits")
                Accessible.ignored: true
            }
            Item { Layout.fillWidth: true }
            Icon {
                visible: card.checked && !card.wide
                Layout.alignment: Qt.AlignTop
                Layout.preferredWidth: Theme.iconSize
                Layout.preferredHeight: Theme.iconSize
                name: "check"
                color: Theme.accent
            }
        }
        ColumnLayout {
            Layout.fillWidth: !card.wide
            Layout.preferredWidth: card.wide ? Theme.scaled(140) : -1
            spacing: 1
            BodyText {
                Layout.fillWidth: true
                text: card.stop.label
                font.weight: Font.DemiBold
                Accessible.ignored: true
            }
            CaptionText {
                Layout.fillWidth: true
                text: card.stop.recipe
                Accessible.ignored: true
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: Theme.gapXs + 2
            BodyText {
                Layout.fillWidth: true
                text: card.known ? card.stop.size : "…"
                visible: card.stop.problem === ""
                Accessible.ignored: true
            }
            CaptionText {
                Layout.fillWidth: true
                visible: text !== ""
                text: card.stop.problem
                Accessible.ignored: true
            }
            // How much of the original's size is left.
            Rectangle {
                visible: card.stop.problem === ""
                Layout.fillWidth: true
                Layout.preferredHeight: 6
                radius: 3
                color: Theme.raised
                Rectangle {
                    width: Math.max(height, parent.width * Math.min(1, card.stop.share))
                    height: parent.height
                    radius: 3
                    visible: card.known
                    color: card.checked ? Theme.accent : Theme.fieldBorder
                }
            }
            Badge {
                Layout.topMargin: 2
                visible: card.known && card.stop.problem === ""
                text: card.stop.fitShort
                tone: card.stop.fitTone
                icon: card.stop.fitTone === "good" ? "check" : "warning"
                Accessible.ignored: true
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            visible: card.known && card.stop.problem === ""
            spacing: 1
            BodyText {
                Layout.fillWidth: true
                visible: card.stop.words !== ""
                text: card.stop.words
                font.weight: Font.DemiBold
                Accessible.ignored: true
            }
            CaptionText {
                Layout.fillWidth: true
                text: card.stop.figures
                Accessible.ignored: true
            }
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: card.checked ? Theme.accentSoft : card.hovered && card.enabled ? Theme.raised : Theme.card
        border.width: card.checked ? 2 : 1
        border.color: card.checked ? Theme.accent : Theme.border
        opacity: card.enabled ? 1 : 0.6
    }
    Badge {
        visible: card.stop.recommended && card.stop.problem === ""
        anchors.horizontalCenter: parent.horizontalCenter
        y: -height / 2 // on the edge, so that the figures of all cards stay in line
        text: qsTr("Recommended")
        tone: "accent"
        Accessible.ignored: true
    }
    FocusRing {
        shown: card.visualFocus
        radius: Theme.radius + 4
    }
}
