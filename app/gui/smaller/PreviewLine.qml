import QtQuick
import QtQuick.Layouts
import Nibble

/// What the predicted figures rest on; or that they can be asked for; or how far they are.
GridLayout {
    id: line

    required property StopPreview preview
    property bool narrow: false
    readonly property bool asking: preview.state === StopPreview.Asking
    signal ask()

    columns: narrow ? 1 : 3
    columnSpacing: Theme.gap
    rowSpacing: Theme.gapS
    CaptionText {
        Layout.fillWidth: true
        text: line.preview.text !== "" ? line.preview.text
                                       : qsTr("What each stop would cost this very model can be tried on a sample of text before anything is made.")
    }
    ProgressLine {
        visible: line.asking
        Layout.preferredWidth: Theme.scaled(160)
        name: qsTr("Trying all stops")
        fraction: line.preview.progress
    }
    ActionButton {
        visible: line.preview.state !== StopPreview.Known
        quiet: true
        text: line.asking ? qsTr("Stop trying") : qsTr("Try all stops")
        tip: line.asking ? "" : qsTr("Seconds for a small model, minutes for a large one")
        onClicked: line.asking ? line.preview.cancel() : line.ask()
    }
}
