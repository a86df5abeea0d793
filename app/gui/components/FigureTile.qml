import QtQuick
import QtQuick.Layouts
import Nibble

/// One figure with its name above and its context below.
Rectangle {
    id: tile

    property string label
    property string value
    property string note
    property string help

    Layout.fillHeight: true // tiles in a row are equally high
    implicitWidth: Theme.scaled(170)
    implicitHeight: column.implicitHeight + 2 * Theme.gap
    radius: Theme.radiusS
    color: Theme.raised
    activeFocusOnTab: help !== ""
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value + ", " + note
    Accessible.description: help

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gap
        spacing: 2
        CaptionText {
            Layout.fillWidth: true
            text: tile.label
            Accessible.ignored: true
        }
        Text {
            Layout.fillWidth: true
            text: tile.value
            textFormat: Text.PlainText
            elide: Text.ElideRight
            color: Theme.text
            font.family: Theme.family
            font.pointSize: Theme.bodySize * 1.45
            font.weight: Font.DemiBold
        }
        CaptionText {
            Layout.fillWidth: true
            text: tile.note
            Accessible.ignored: true
        }
    }
    HoverHandler { id: hover }
    FocusRing { shown: tile.activeFocus }
    Tip {
        text: tile.help
        shown: hover.hovered || tile.activeFocus
    }
}
