import QtQuick
import QtQuick.Layouts
import Nibble

/// A setting: its name and note at the left, its control at the right (below where the window is narrow).
GridLayout {
    id: line

    property string label
    property string note
    property bool narrow: false
    default property alias control: slot.data

    columns: narrow ? 1 : 2
    columnSpacing: Theme.gapL
    rowSpacing: Theme.gapS
    ColumnLayout {
        Layout.fillWidth: true
        spacing: 2
        BodyText {
            Layout.fillWidth: true
            text: line.label
        }
        CaptionText {
            Layout.fillWidth: true
            visible: text !== ""
            text: line.note
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
    }
    Item {
        id: slot
        implicitWidth: childrenRect.width
        implicitHeight: childrenRect.height
    }
}
