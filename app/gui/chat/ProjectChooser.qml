import QtQuick
import QtQuick.Layouts
import Nibble

/// Which chats the list shows: all, or those of a project. Projects are made, renamed and deleted here.
ColumnLayout {
    id: chooser

    required property ProjectList projects
    property bool asking: false
    property bool naming: false
    property bool isNew: false

    function askForName(forNew: bool) {
        asking = false;
        isNew = forNew;
        naming = true;
        nameField.begin(forNew ? "" : projects.name);
    }
    function endNaming(keep: bool) {
        if (naming && keep)
            isNew ? projects.add(nameField.text) : projects.rename(nameField.text);
        naming = false;
    }

    spacing: Theme.gapXs

    RowLayout {
        spacing: Theme.gapXs
        Choice {
            Layout.fillWidth: true
            name: qsTr("Chats that are shown")
            model: chooser.projects.views
            currentIndex: chooser.projects.view
            displayText: chooser.projects.views[chooser.projects.view]
            onActivated: row => {
                chooser.asking = false;
                chooser.projects.view = row;
            }
        }
        IconButton {
            iconName: "folder"
            text: qsTr("New project")
            onClicked: chooser.askForName(true)
        }
    }
    RowLayout {
        visible: chooser.projects.name !== "" && !chooser.naming
        spacing: Theme.gapXs
        CaptionText {
            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapXs
            text: chooser.asking ? qsTr("Delete the project? Its chats stay.") : chooser.projects.size
        }
        IconButton {
            visible: !chooser.asking
            iconName: "edit"
            text: qsTr("Rename the project %1").arg(chooser.projects.name)
            onClicked: chooser.askForName(false)
        }
        IconButton {
            iconName: "trash"
            ink: chooser.asking ? Theme.bad : Theme.secondaryText
            text: chooser.asking ? qsTr("Yes, delete %1").arg(chooser.projects.name) : qsTr("Delete the project %1; its chats stay").arg(chooser.projects.name)
            onClicked: {
                if (chooser.asking)
                    chooser.projects.remove();
                chooser.asking = !chooser.asking && chooser.projects.name !== "";
            }
        }
        IconButton {
            visible: chooser.asking
            iconName: "close"
            text: qsTr("Keep it")
            onClicked: chooser.asking = false
        }
    }
    Field {
        id: nameField
        function begin(proposal: string) {
            text = proposal;
            selectAll();
            forceActiveFocus();
        }
        visible: chooser.naming
        Layout.fillWidth: true
        name: chooser.isNew ? qsTr("Name of the new project") : qsTr("New name of the project")
        placeholderText: qsTr("Name, then Enter")
        Keys.onReturnPressed: chooser.endNaming(true)
        Keys.onEnterPressed: chooser.endNaming(true)
        Keys.onEscapePressed: chooser.endNaming(false)
        onActiveFocusChanged: if (!activeFocus) chooser.endNaming(true)
    }
}
