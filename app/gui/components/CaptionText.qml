import QtQuick
import Nibble

BodyText {
    color: Theme.secondaryText
    font.pointSize: Theme.captionSize
}
