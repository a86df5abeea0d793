import QtQuick
import Nibble

/// A bar for each layer. One with a mark is where more bits help most. The arrow keys walk over the bars.
Item {
    id: plot

    required property var bars
    required property string summary
    property int current: -1 // that the keyboard is at

    function walk(by: int) { current = Math.max(0, Math.min(bars.length - 1, current + by)); }

    onBarsChanged: current = -1
    activeFocusOnTab: true
    Accessible.role: Accessible.Graphic
    Accessible.name: current >= 0 && current < bars.length ? bars[current].spoken : qsTr("What each layer costs, %1 bars. %2").arg(bars.length).arg(summary)
    Accessible.description: qsTr("Use the arrow keys to walk over the bars.")
    Keys.onRightPressed: walk(LayoutMirroring.enabled ? -1 : 1)
    Keys.onLeftPressed: walk(LayoutMirroring.enabled ? 1 : -1)

    Row {
        id: row
        anchors.fill: parent
        Repeater {
            model: plot.bars
            PictureBar {
                id: place
                required property var modelData
                required property int index
                readonly property layerBar bar: modelData
                readonly property bool pointedAt: hover.hovered || (plot.activeFocus && plot.current === index)
                width: row.width / plot.bars.length
                height: row.height
                share: bar.height
                mark: bar.mark
                barColor: pointedAt ? Theme.text : mark !== "" ? Theme.accent : Theme.fieldBorder

                HoverHandler { id: hover }
                Tip {
                    text: place.bar.spoken
                    shown: place.pointedAt
                }
            }
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.fieldBorder
    }
    FocusRing { shown: plot.activeFocus }
}
