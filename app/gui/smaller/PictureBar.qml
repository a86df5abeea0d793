import QtQuick
import Nibble

/// A bar of a picture, on its baseline, with a mark above it.
Item {
    id: place

    required property real share // of the height
    required property string mark
    property color barColor: Theme.accent
    property color markColor: Theme.accent

    Rectangle {
        id: column
        anchors.bottom: parent.bottom
        x: 1
        width: parent.width - 2
        height: Math.max(2, parent.height * place.share)
        radius: 2
        color: place.barColor
    }
    CaptionText {
        anchors.bottom: column.top
        anchors.horizontalCenter: column.horizontalCenter
        text: place.mark
        color: place.markColor
        lineHeight: 0.9
        horizontalAlignment: Text.AlignHCenter
        font.pointSize: Theme.captionSize * 0.85
        font.weight: Font.DemiBold
        Accessible.ignored: true
    }
}
