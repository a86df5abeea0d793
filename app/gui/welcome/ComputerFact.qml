import QtQuick
import QtQuick.Layouts
import Nibble

/// "Memory   12 GB of 16 GB free", with an icon and a note below.
RowLayout {
    id: line

    property string icon
    property string label
    property string value
    property string note

    spacing: Theme.gap
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value + ". " + note
    Rectangle {
        Layout.alignment: Qt.AlignTop
        Layout.preferredWidth: Theme.scaled(38)
        Layout.preferredHeight: Theme.scaled(38)
        radius: Theme.radiusS
        color: Theme.accentSoft
        Icon {
            anchors.centerIn: parent
            width: Theme.scaled(20)
            height: width
            name: line.icon
            color: Theme.accent
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        spacing: 1
        CaptionText {
            Layout.fillWidth: true
            text: line.label
            Accessible.ignored: true
        }
        BodyText {
            Layout.fillWidth: true
            text: line.value
            font.weight: Font.DemiBold
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            Accessible.ignored: true
        }
        CaptionText {
            Layout.fillWidth: true
            text: line.note
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            Accessible.ignored: true
        }
    }
}
