import QtQuick
import Nibble

/// A short fact in a coloured pill. The words carry the meaning; the tone ("good", "warn", "bad", "accent", "") only helps.
Rectangle {
    id: badge

    property string text
    property string tone
    property string icon
    property real maximumWidth: 100000

    implicitWidth: Math.min(maximumWidth, row.implicitWidth + Theme.scaled(18))
    implicitHeight: row.implicitHeight + Theme.scaled(6)
    radius: height / 2
    color: Theme.toneSurface(tone)
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Row {
        id: row
        anchors.centerIn: parent
        spacing: Theme.gapXs + 1
        Icon {
            visible: badge.icon !== ""
            width: Theme.scaled(14)
            height: width
            anchors.verticalCenter: parent.verticalCenter
            name: badge.icon
            color: Theme.toneText(badge.tone)
        }
        Text {
            width: Math.min(implicitWidth, badge.maximumWidth - Theme.scaled(18) - (badge.icon !== "" ? Theme.scaled(20) : 0))
            elide: Text.ElideRight
            text: badge.text
            textFormat: Text.PlainText
            color: Theme.toneText(badge.tone)
            font.family: Theme.family
            font.pointSize: Theme.captionSize
            font.weight: Font.Medium
        }
    }
}
