import QtQuick
import Nibble

Rectangle {
    color: Theme.card
    radius: Theme.radius
    border.width: 1
    border.color: Theme.border
}
