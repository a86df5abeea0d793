pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Nibble

PageFrame {
    id: frame

    title: qsTr("Settings")
    subtitle: qsTr("Changes apply at once.")

    readonly property list<string> keys: [
        "Ctrl+1 … Ctrl+5|" + qsTr("Go to a page"),
        "Ctrl+O|" + qsTr("Open a model file"),
        "Ctrl+F|" + qsTr("Search models or chats"),
        "Ctrl+N|" + qsTr("Begin a chat"),
        "Ctrl+I|" + qsTr("Tell the model its role in this chat"),
        "Ctrl+S|" + qsTr("Save the chat as a document"),
        "F2|" + qsTr("Rename the chosen chat"),
        "1 … 5|" + qsTr("Judge the answers on the page Compare"),
        "F5|" + qsTr("Look for models again"),
        "Ctrl++, Ctrl+-, Ctrl+0|" + qsTr("Larger, smaller, normal text"),
        "Esc|" + qsTr("Stop or go back"),
        "Ctrl+Q|" + qsTr("Quit")
    ]

    FolderDialog {
        id: folderDialog
        title: qsTr("Choose the folder for models")
        onAccepted: frame.app.library.setFolder(selectedFolder)
    }

    ScrollArea {
        anchors.fill: parent
        ColumnLayout {
            width: parent ? Math.min(parent.width, Theme.scaled(760)) : 0
            anchors.left: parent ? parent.left : undefined // of a Column, which itself leaves narrow items at the left
            spacing: Theme.gapL

            SettingsCard {
                Layout.fillWidth: true
                title: qsTr("Appearance")
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    label: qsTr("Colours")
                    Choice {
                        name: qsTr("Colours")
                        implicitWidth: Theme.scaled(220)
                        model: [qsTr("As the system"), qsTr("Light"), qsTr("Dark")]
                        currentIndex: Appearance.mode
                        onActivated: index => Appearance.mode = index
                        onModelChanged: currentIndex = Qt.binding(() => Appearance.mode) // a new language sets it to the first row
                    }
                }
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    label: qsTr("Movement")
                    Choice {
                        name: qsTr("Movement")
                        implicitWidth: Theme.scaled(220)
                        model: [qsTr("As the system"), qsTr("Shown"), qsTr("Reduced")]
                        currentIndex: Appearance.motion
                        onActivated: index => Appearance.motion = index
                        onModelChanged: currentIndex = Qt.binding(() => Appearance.motion)
                    }
                }
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    label: qsTr("Language")
                    Choice {
                        name: qsTr("Language")
                        implicitWidth: Theme.scaled(220)
                        model: Language.choices
                        currentIndex: Language.choice
                        onActivated: index => Language.choice = index
                    }
                }
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    label: qsTr("Size of the text")
                    Row {
                        spacing: Theme.gapS
                        IconButton {
                            iconName: "minus"
                            text: qsTr("Smaller text (Ctrl+-)")
                            onClicked: Appearance.zoom(-1)
                        }
                        BodyText {
                            anchors.verticalCenter: parent.verticalCenter
                            width: Theme.scaled(56)
                            horizontalAlignment: Text.AlignHCenter
                            text: qsTr("%1 %").arg(Math.round(Appearance.textScale * 100))
                        }
                        IconButton {
                            iconName: "plus"
                            text: qsTr("Larger text (Ctrl++)")
                            onClicked: Appearance.zoom(1)
                        }
                    }
                }
            }
            SettingsCard {
                Layout.fillWidth: true
                title: qsTr("Models")
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    label: qsTr("Folder for models")
                    note: frame.app.library.folder
                    ActionButton {
                        iconName: "folder"
                        text: qsTr("Change…")
                        Accessible.name: qsTr("Change the folder for models")
                        onClicked: folderDialog.open()
                    }
                }
            }
            SettingsCard {
                Layout.fillWidth: true
                title: qsTr("This computer")
                SettingsLine {
                    Layout.fillWidth: true
                    label: frame.app.device
                    note: frame.app.deviceDetail
                }
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    visible: frame.app.devices.length > 2 || frame.app.unusableDevices !== ""
                    label: qsTr("Models run on")
                    note: [qsTr("Takes effect when a model is opened next."), frame.app.unusableDevices].filter(part => part !== "").join("\n")
                    Choice {
                        name: qsTr("What models run on")
                        model: frame.app.devices
                        currentIndex: frame.app.chosenDevice
                        onActivated: index => frame.app.chosenDevice = index
                    }
                }
                SettingsLine {
                    Layout.fillWidth: true
                    narrow: frame.narrow
                    label: qsTr("First steps")
                    note: qsTr("What this computer can do, a starting point, a first question.")
                    ActionButton {
                        iconName: "right"
                        text: qsTr("Show again")
                        Accessible.name: qsTr("Show the first steps again")
                        onClicked: frame.app.go("welcome", { again: true })
                    }
                }
            }
            NetworkCard {
                Layout.fillWidth: true
                network: frame.app.network
                narrow: frame.narrow
            }
            SettingsCard {
                Layout.fillWidth: true
                title: qsTr("Keyboard")
                Repeater {
                    model: frame.keys
                    FactLine {
                        required property string modelData
                        Layout.fillWidth: true
                        labelWidth: Theme.scaled(190)
                        label: modelData.split("|")[0].replace(/Ctrl/g, qsTr("Ctrl"))
                        value: modelData.split("|")[1]
                    }
                }
            }
            CaptionText {
                Layout.fillWidth: true
                text: qsTr("Nibble %1, licensed under Apache 2.0. Uses Qt under the LGPL 3.").arg(frame.app.version)
            }
            Item { Layout.preferredHeight: Theme.gap }
        }
    }
}
