pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Three ways to a first model.
ScrollArea {
    id: step

    required property WelcomeController controller
    property bool narrow: false
    required property var library
    signal openFile()
    signal openFolder()
    signal download()

    readonly property bool ready: foundCard.usable || packagedCard.usable
    onReadyChanged: if (ready && visible) takeFocus()

    function takeFocus() { (foundCard.usable ? foundCard : packagedCard).takeFocus(); }

    ColumnLayout {
        width: parent ? parent.width : 0
        spacing: Theme.gap

        ErrorCard {
            Layout.fillWidth: true
            error: step.controller.error
            actionText: ""
        }
        ErrorCard {
            Layout.fillWidth: true
            error: step.library.addError
            closable: true
            actionText: qsTr("Open another…")
            onAction: step.openFile()
            onClosed: step.library.closeAddError()
        }
        GridLayout {
            Layout.fillWidth: true
            columns: step.narrow ? 1 : 3
            columnSpacing: Theme.gapL
            rowSpacing: Theme.gapL

            StartingCard {
                id: foundCard
                iconName: "models"
                title: qsTr("Found on this computer")
                entry: step.controller.found
                primary: usable
                text: usable ? qsTr("The best of the models that are here already and fit.")
                    : step.controller.looking ? qsTr("Looking in your model folder, in Downloads and where other programs keep models…")
                    : qsTr("No model that fits was found in %1, in Downloads or where other programs keep models.").arg(step.library.folder)
                onChosen: step.controller.choose(entry.path)
            }
            StartingCard {
                id: packagedCard
                iconName: "nibble"
                title: qsTr("Comes with Nibble")
                entry: step.controller.packaged
                primary: !foundCard.usable
                text: qsTr("Tiny, and ready at once. It shows how everything works, but knows only a few sentences.")
                onChosen: step.controller.choose(entry.path)
            }
            Card {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                implicitHeight: own.implicitHeight + 2 * Theme.gapL
                ColumnLayout {
                    id: own
                    anchors.fill: parent
                    anchors.margins: Theme.gapL
                    spacing: Theme.gap
                    StartingHead {
                        Layout.fillWidth: true
                        iconName: "folder"
                        title: qsTr("A model of your own")
                    }
                    BodyText {
                        Layout.fillWidth: true
                        text: qsTr("One that a colleague gave you, or that you downloaded: a .gguf file, or a folder from Hugging Face. You can also drop it here.")
                        color: Theme.secondaryText
                    }
                    Item { Layout.fillHeight: true }
                    Flow {
                        Layout.fillWidth: true
                        spacing: Theme.gapS
                        ActionButton {
                            iconName: "file"
                            text: qsTr("Open file…")
                            onClicked: step.openFile()
                        }
                        ActionButton {
                            iconName: "folder"
                            text: qsTr("Open folder…")
                            onClicked: step.openFolder()
                        }
                        ActionButton {
                            iconName: "drop"
                            text: qsTr("Download…")
                            tip: qsTr("Asks first: this uses the Internet.")
                            onClicked: step.download()
                        }
                    }
                }
            }
        }
    }
    DropArea {
        parent: step
        anchors.fill: parent
        keys: ["text/uri-list"]
        onDropped: event => {
            step.library.add(event.urls);
            event.accept();
        }
    }
}
