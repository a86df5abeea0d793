import QtQuick
import QtQuick.Layouts
import Nibble

/// Which models are compared, two or three, and whether their names are hidden.
GridLayout {
    id: chooser

    required property App app
    required property CompareController controller
    property bool busy: false
    property bool narrow: false

    columns: narrow ? 1 : controller.withThird ? 3 : 2
    columnSpacing: Theme.gap
    rowSpacing: Theme.gapS

    ModelChoice {
        caption: qsTr("Original, or any model")
        name: qsTr("First model")
        app: chooser.app
        chosen: chooser.controller.original
        enabled: !chooser.busy
        onPicked: path => chooser.controller.chooseOriginal(path)
    }
    ModelChoice {
        caption: qsTr("Smaller, or any other model")
        name: qsTr("Second model")
        app: chooser.app
        chosen: chooser.controller.smaller
        enabled: !chooser.busy
        onPicked: path => chooser.controller.chooseSmaller(path)
    }
    ModelChoice {
        id: third
        visible: chooser.controller.withThird
        caption: qsTr("A third model")
        name: qsTr("Third model")
        app: chooser.app
        chosen: chooser.controller.third
        enabled: !chooser.busy
        removeText: qsTr("Compare without a third model")
        onPicked: path => chooser.controller.chooseThird(path)
        onRemoved: {
            chooser.controller.removeThird();
            addButton.forceActiveFocus(Qt.TabFocusReason);
        }
    }
    RowLayout {
        Layout.columnSpan: chooser.columns
        Layout.fillWidth: true
        spacing: Theme.gap
        CheckLine {
            Layout.fillWidth: true
            text: qsTr("Blind: hide which model wrote which answer until I have judged")
            checked: chooser.controller.blind
            onToggled: chooser.controller.blind = checked
        }
        ActionButton {
            id: addButton
            visible: !chooser.controller.withThird
            quiet: true
            iconName: "plus"
            text: qsTr("Add a third model")
            enabled: !chooser.busy
            onClicked: {
                chooser.controller.addThird();
                third.takeFocus();
            }
        }
    }
}
