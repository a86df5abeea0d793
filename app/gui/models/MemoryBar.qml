pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// What fills the memory while the model is in use, by how much conversation it keeps in mind: the engine's one estimate.
ColumnLayout {
    id: bar

    property modelEntry entry
    signal contextChosen(int tokens)

    function figure(number: real): string { return number.toLocaleString(Qt.locale(), "f", 0); }

    spacing: Theme.gapS

    HeadingText {
        Layout.fillWidth: true
        text: qsTr("Memory while in use")
    }
    Row {
        id: parts
        Layout.fillWidth: true
        Layout.preferredHeight: Theme.scaled(14)
        Accessible.ignored: true // the lines below say it
        Repeater {
            model: bar.entry.memory
            Rectangle {
                required property var modelData
                width: Math.round(parts.width * modelData.share)
                height: parts.height
                color: modelData.strength > 0 ? Theme.accent : Theme.raised
                opacity: modelData.strength > 0 ? modelData.strength : 1
            }
        }
    }
    Repeater {
        model: bar.entry.memory
        RowLayout {
            id: line
            required property var modelData
            Layout.fillWidth: true
            spacing: Theme.gapS
            Accessible.role: Accessible.StaticText
            Accessible.name: modelData.label + ": " + modelData.text
            Rectangle {
                Layout.preferredWidth: Theme.scaled(12)
                Layout.preferredHeight: Theme.scaled(12)
                radius: 3
                color: line.modelData.strength > 0 ? Theme.accent : Theme.raised
                opacity: line.modelData.strength > 0 ? line.modelData.strength : 1
                border.width: line.modelData.strength > 0 ? 0 : 1
                border.color: Theme.fieldBorder
            }
            CaptionText {
                Layout.fillWidth: true
                text: line.modelData.label
                Accessible.ignored: true
            }
            CaptionText {
                text: line.modelData.text
                color: Theme.text
                Accessible.ignored: true
            }
        }
    }
    CaptionText {
        Layout.fillWidth: true
        Layout.topMargin: Theme.gapXs
        text: qsTr("Conversation that it keeps in mind: %1 tokens, about %2 words").arg(bar.figure(bar.entry.context)).arg(bar.figure(Math.round(bar.entry.context * 0.75 / 100) * 100))
    }
    StepSlider {
        id: slider
        Layout.fillWidth: true
        enabled: bar.entry.contexts.length > 1
        name: qsTr("Conversation that the model keeps in mind")
        to: Math.max(1, bar.entry.contexts.length - 1)
        value: bar.entry.contextRow
        onMoved: bar.contextChosen(bar.entry.contexts[value])
        Accessible.description: qsTr("%1 tokens").arg(bar.figure(bar.entry.context))
    }
    CaptionText {
        Layout.fillWidth: true
        text: qsTr("Like a whiteboard: what no longer fits is forgotten. More takes more memory. Used when the model is opened next.")
    }
}
