pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// The five stops. Arrow keys move between them, as in every group of radio buttons.
GridLayout {
    id: chooser

    property var stops
    property int current: -1
    property bool wide: false
    signal chosen(int row)

    columns: wide ? 1 : 5
    columnSpacing: Theme.gap
    rowSpacing: Theme.gapS
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("How many bits")

    function move(step: int) {
        let row = current + step;
        while (row >= 0 && row < cards.count && !cards.itemAt(row).enabled)
            row += step;
        if (row >= 0 && row < cards.count)
            choose(row);
    }
    function choose(row: int) {
        chosen(row);
        cards.itemAt(row).forceActiveFocus(Qt.TabFocusReason);
    }
    Keys.onLeftPressed: move(-1)
    Keys.onRightPressed: move(1)
    Keys.onUpPressed: move(-1)
    Keys.onDownPressed: move(1)

    Repeater {
        id: cards
        model: chooser.stops
        StopCard {
            required property int index
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            wide: chooser.wide
            checked: index === chooser.current
            onClicked: chooser.chosen(index)
        }
    }
}
