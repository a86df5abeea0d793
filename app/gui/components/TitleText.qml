import QtQuick
import Nibble

Text {
    color: Theme.text
    font.family: Theme.family
    font.pointSize: Theme.titleSize
    font.weight: Font.DemiBold
    wrapMode: Text.Wrap
    Accessible.role: Accessible.Heading
    Accessible.name: text
}
