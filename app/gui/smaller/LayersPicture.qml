import QtQuick
import QtQuick.Layouts
import Nibble

/// What each layer of the smaller model costs: asked for, measured, shown as bars and as a list, and mended.
ColumnLayout {
    id: picture

    required property SmallerController controller
    required property bool paused // while an answer is written
    readonly property LayerCosts costs: controller.layers
    readonly property bool measuring: controller.step === SmallerController.Measuring
    readonly property bool known: costs.bars.length > 0
    property bool listed: false

    spacing: Theme.gapS

    Connections {
        target: picture.costs
        function onKnown() { if (ask.activeFocus) bars.forceActiveFocus(); } // the button is gone
    }
    HeadingText {
        Layout.fillWidth: true
        text: qsTr("Layers that cost most")
    }
    CaptionText {
        Layout.fillWidth: true
        text: qsTr("A model works in layers, one after the other, counted from 0. Some lose more than others by being made smaller, and more bits for these few take little room.")
              + (picture.known ? " " + picture.costs.basis : "")
    }
    ErrorCard {
        Layout.fillWidth: true
        error: picture.costs.error
        actionText: "" // the button below tries again
    }
    ProgressLine {
        visible: picture.measuring
        Layout.fillWidth: true
        name: qsTr("Measuring layers")
        fraction: picture.controller.progress
    }
    CaptionText {
        visible: picture.measuring
        Layout.fillWidth: true
        text: picture.paused ? qsTr("Standing still while an answer is being written. It goes on by itself.") : picture.controller.progressText
    }
    ActionButton {
        id: ask
        visible: !picture.known
        text: picture.measuring ? qsTr("Stop measuring") : qsTr("See which layers cost most")
        tip: picture.measuring ? qsTr("The smaller model and its check stay as they are (Esc).") : qsTr("About a minute for a small model, longer for a large one")
        onClicked: picture.measuring ? picture.controller.cancel() : picture.controller.measureLayers()
    }
    BodyText {
        visible: picture.known
        Layout.fillWidth: true
        text: picture.costs.sentence
    }
    LayerBars {
        id: bars
        visible: picture.known
        Layout.fillWidth: true
        Layout.topMargin: Theme.scaled(20) // for the numbers above the highest bars
        Layout.preferredHeight: Theme.scaled(84)
        bars: picture.costs.bars
        summary: picture.costs.sentence
    }
    CaptionText {
        visible: picture.known
        Layout.fillWidth: true
        text: qsTr("First the tables of words (in front of the first layer and behind the last), then the layers in their order. More bits help most where a number stands (W: the tables of words). Point at a bar, or use the arrow keys, for its figures.")
    }
    Flow {
        visible: picture.known
        Layout.fillWidth: true
        spacing: Theme.gapS
        ActionButton {
            visible: text !== ""
            iconName: "smaller"
            text: picture.costs.offer
            tip: qsTr("Makes another file beside this one and checks it, so that you see what it gains. This one stays.")
            onClicked: picture.controller.giveMore()
        }
        ActionButton {
            quiet: true
            text: picture.listed ? qsTr("Hide the values") : qsTr("Show the values as a list")
            onClicked: picture.listed = !picture.listed
        }
    }
    Repeater {
        model: picture.listed ? picture.costs.bars : []
        FactLine {
            required property var modelData
            readonly property layerBar bar: modelData
            Layout.fillWidth: true
            label: bar.name
            value: bar.figures
        }
    }
}
