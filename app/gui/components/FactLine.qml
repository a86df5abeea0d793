import QtQuick
import QtQuick.Layouts
import Nibble

/// "Size on disk   270 MB"
RowLayout {
    id: line

    property string label
    property string value
    property int labelWidth: Theme.scaled(116)

    spacing: Theme.gap
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value
    CaptionText {
        Layout.alignment: Qt.AlignTop
        Layout.preferredWidth: line.labelWidth
        text: line.label
        Accessible.ignored: true
    }
    BodyText {
        Layout.fillWidth: true
        text: line.value
        font.pointSize: Theme.captionSize
        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        Accessible.ignored: true
    }
}
