import QtQuick
import QtQuick.Layouts
import Nibble

/// The words of the text where the smaller model departs most from the original.
ColumnLayout {
    id: list

    required property var moments
    property bool all: false
    readonly property int few: 3

    spacing: Theme.gap
    HeadingText {
        Layout.fillWidth: true
        text: qsTr("Worst moments")
    }
    CaptionText {
        Layout.fillWidth: true
        text: qsTr("What each model expects as the next word, and how sure it is. Another word is marked with ≠; it need not be a wrong one.")
    }
    Repeater {
        model: list.all ? list.moments : list.moments.slice(0, list.few)
        MomentLine {
            required property var modelData
            Layout.fillWidth: true
            moment: modelData
        }
    }
    ActionButton {
        visible: list.moments.length > list.few
        quiet: true
        text: list.all ? qsTr("Show fewer") : qsTr("Show all %1").arg(list.moments.length)
        onClicked: list.all = !list.all
    }
}
