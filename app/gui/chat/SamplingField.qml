import QtQuick
import QtQuick.Layouts
import Nibble

/// One number of SamplingSettings, with what it does.
GridLayout {
    id: line

    required property int index
    required property string name
    required property string help
    required property string value
    required property string usual
    required property string problem
    signal written(int row, string text)

    columns: 2
    columnSpacing: Theme.gap
    rowSpacing: 2
    BodyText {
        Layout.fillWidth: true
        text: line.name
        Accessible.ignored: true
    }
    Field {
        Layout.preferredWidth: Theme.scaled(96)
        name: line.name
        Accessible.description: line.problem !== "" ? line.problem : line.help
        text: line.value
        placeholderText: line.usual
        inputMethodHints: Qt.ImhFormattedNumbersOnly
        onEditingFinished: if (text !== line.value) line.written(line.index, text)
    }
    CaptionText {
        Layout.fillWidth: true
        Layout.columnSpan: 2
        text: line.problem !== "" ? line.problem : line.help
        color: line.problem !== "" ? Theme.bad : Theme.secondaryText
        Accessible.ignored: true
    }
}
