import QtQuick
import QtQuick.Layouts
import Nibble

/// One of the models that are compared. `removeText`: what its button says, where it can be taken away.
ColumnLayout {
    id: choice

    required property App app
    required property string caption
    required property string name
    property modelEntry chosen
    property string removeText
    signal picked(path: string)
    signal removed()
    function takeFocus() { box.forceActiveFocus(Qt.TabFocusReason); }

    spacing: 2
    Layout.fillWidth: true
    Layout.minimumWidth: 0
    Layout.preferredWidth: 100 // all alike

    CaptionText {
        Layout.fillWidth: true
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: choice.caption
    }
    RowLayout {
        spacing: Theme.gapXs
        Choice {
            id: box
            Layout.fillWidth: true
            Layout.minimumWidth: 0
            name: choice.name
            model: choice.app.library.models
            textRole: "name"
            currentIndex: choice.app.library.models.indexOf(choice.chosen.path)
            displayText: choice.chosen.title
            onActivated: row => choice.picked(choice.app.library.models.pathAt(row))
        }
        IconButton {
            visible: choice.removeText !== ""
            iconName: "close"
            text: choice.removeText
            onClicked: choice.removed()
        }
    }
}
