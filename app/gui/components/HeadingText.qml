import QtQuick
import Nibble

Text {
    color: Theme.text
    font.family: Theme.family
    font.pointSize: Theme.headingSize
    font.weight: Font.DemiBold
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.Heading
    Accessible.name: text
}
