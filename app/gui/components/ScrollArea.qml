import QtQuick
import QtQuick.Templates as T
import Nibble

/// A column that scrolls, with its content as wide as the area. Keeps the focused control in sight.
Flickable {
    id: area

    default property alias content: column.data
    property int padding: 0
    readonly property bool scrollable: contentHeight > height + 1
    property alias spacing: column.spacing

    contentWidth: width
    contentHeight: column.implicitHeight + 2 * padding
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    Column {
        id: column
        readonly property int barRoom: area.scrollable && area.padding < 12 ? 14 : 0
        x: area.padding + (area.LayoutMirroring.enabled ? barRoom : 0)
        y: area.padding
        width: area.width - 2 * area.padding - barRoom
    }

    function holds(item: Item): bool {
        while (item && item !== column)
            item = item.parent;
        return item === column;
    }
    function reveal(item: Item) {
        const top = item.mapToItem(column, 0, 0).y + padding - 12, bottom = top + item.height + 24;
        if (top < contentY)
            contentY = Math.max(0, top);
        else if (bottom > contentY + height)
            contentY = Math.min(contentHeight - height, bottom - height);
    }
    Connections {
        target: area.Window.window
        function onActiveFocusItemChanged() {
            const item = area.Window.activeFocusItem;
            if (area.holds(item))
                area.reveal(item);
        }
    }
    T.ScrollBar.vertical: ScrollLine {}
}
