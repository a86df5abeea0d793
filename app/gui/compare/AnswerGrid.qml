import QtQuick
import QtQuick.Layouts
import Nibble

/// Answers beside each other where there is room for readable lines, below each other otherwise.
GridLayout {
    property int sides: 2

    columns: width < sides * Theme.scaled(sides > 2 ? 225 : 300) ? 1 : sides
    columnSpacing: Theme.gap
    rowSpacing: Theme.gap
}
