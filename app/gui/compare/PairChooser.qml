import QtQuick
import QtQuick.Layouts
import Nibble

/// Which two models are compared, and whether their names are hidden.
GridLayout {
    id: chooser

    required property App app
    required property CompareController controller
    property bool busy: false
    property bool narrow: false

    columns: narrow ? 1 : 2
    columnSpacing: Theme.gap
    rowSpacing: Theme.gapS

    function titleOf(entry: modelEntry): string {
        return [entry.name, entry.formatName].filter(part => part !== "").join(" · ");
    }

    ColumnLayout {
        spacing: 2
        CaptionText { text: qsTr("Original, or any model") }
        Choice {
            Layout.fillWidth: true
            name: qsTr("First model")
            enabled: !chooser.busy
            model: chooser.app.library.models
            textRole: "name"
            currentIndex: chooser.app.library.models.indexOf(chooser.controller.original.path)
            displayText: chooser.titleOf(chooser.controller.original)
            onActivated: row => chooser.controller.chooseOriginal(chooser.app.library.models.pathAt(row))
        }
    }
    ColumnLayout {
        spacing: 2
        CaptionText { text: qsTr("Smaller, or any other model") }
        Choice {
            Layout.fillWidth: true
            name: qsTr("Second model")
            enabled: !chooser.busy
            model: chooser.app.library.models
            textRole: "name"
            currentIndex: chooser.app.library.models.indexOf(chooser.controller.smaller.path)
            displayText: chooser.titleOf(chooser.controller.smaller)
            onActivated: row => chooser.controller.chooseSmaller(chooser.app.library.models.pathAt(row))
        }
    }
    CheckLine {
        Layout.columnSpan: chooser.columns
        Layout.fillWidth: true
        text: qsTr("Blind: hide which model wrote which answer until I have judged")
        checked: chooser.controller.blind
        onToggled: chooser.controller.blind = checked
    }
}
