pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Everything about the selected model, and what can be done with it.
Card {
    id: details

    property modelEntry entry
    property bool canGoBack: false
    property bool hasCard: false
    signal makeSmaller()
    signal chat()
    signal compare()
    signal back()
    signal layersChosen(int layers)
    signal contextChosen(int tokens)
    signal trashed()

    property bool asking: false // whether it shall go to the trash
    onEntryChanged: asking = false

    ScrollArea {
        anchors.fill: parent
        anchors.margins: 1
        padding: Theme.gapL
        ColumnLayout {
            width: parent ? parent.width : 0
            spacing: Theme.gap
            ActionButton {
                visible: details.canGoBack
                quiet: true
                iconName: "left"
                text: qsTr("All models")
                onClicked: details.back()
            }
            HeadingText {
                Layout.fillWidth: true
                text: details.entry.name
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
            Notice {
                visible: text !== ""
                Layout.fillWidth: true
                tone: details.entry.problem !== "" ? "warn" : details.entry.fitTone
                text: details.entry.problem !== "" ? details.entry.problem : details.entry.fitText
            }
            Flow {
                Layout.fillWidth: true
                spacing: Theme.gapS
                ActionButton {
                    primary: true
                    enabled: details.entry.runnable
                    iconName: "chat"
                    text: qsTr("Chat")
                    tip: qsTr("Talk with this model. Nothing leaves this computer.")
                    onClicked: details.chat()
                }
                ActionButton {
                    enabled: details.entry.runnable
                    iconName: "smaller"
                    text: qsTr("Make smaller")
                    tip: qsTr("Store the numbers in this model with fewer bits.")
                    onClicked: details.makeSmaller()
                }
                ActionButton {
                    enabled: details.entry.runnable
                    iconName: "compare"
                    text: qsTr("Compare")
                    tip: qsTr("Ask this model and another one the same question.")
                    onClicked: details.compare()
                }
                ActionButton {
                    visible: details.entry.path !== ""
                    enabled: details.entry.trashable && !details.asking
                    iconName: "trash"
                    text: qsTr("Delete…")
                    tip: details.entry.trashable ? qsTr("Moves the file to the trash.") : qsTr("Only models in one file can be deleted here. Delete this one in the file manager.")
                    onClicked: {
                        details.asking = true;
                        question.takeFocus();
                    }
                }
            }
            Notice {
                id: question
                visible: details.asking
                Layout.fillWidth: true
                tone: "warn"
                text: qsTr("Move this model (%1) to the trash? It can be taken out again.").arg(details.entry.size)
                actionText: qsTr("Move to the trash")
                closable: true
                onAction: {
                    details.asking = false;
                    details.trashed();
                }
                onClosed: details.asking = false
            }
            MemoryBar {
                visible: details.entry.runnable && details.entry.context > 0
                Layout.fillWidth: true
                Layout.topMargin: Theme.gapXs
                entry: details.entry
                onContextChosen: tokens => details.contextChosen(tokens)
            }
            ColumnLayout {
                visible: details.hasCard && details.entry.runnable && details.entry.layers > 0
                Layout.fillWidth: true
                spacing: Theme.gapXs
                CheckLine {
                    Layout.fillWidth: true
                    text: qsTr("Let Nibble choose how much runs on the graphics card")
                    checked: details.entry.layersAutomatic
                    onToggled: details.layersChosen(checked ? -1 : details.entry.layersOnCard)
                }
                StepSlider {
                    Layout.fillWidth: true
                    visible: !details.entry.layersAutomatic
                    name: qsTr("Layers on the graphics card")
                    to: details.entry.layers
                    value: details.entry.layersOnCard
                    onMoved: details.layersChosen(value)
                }
                CaptionText {
                    Layout.fillWidth: true
                    text: details.entry.placement
                }
            }
            Rectangle {
                Layout.fillWidth: true
                Layout.topMargin: Theme.gapXs
                Layout.preferredHeight: 1
                color: Theme.border
            }
            Repeater {
                model: details.entry.facts
                FactLine {
                    required property var modelData
                    Layout.fillWidth: true
                    label: modelData.label
                    value: modelData.value
                }
            }
        }
    }
}
