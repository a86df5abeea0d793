pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Whether Nibble may use the Internet, where models come from, and everything it was used for.
SettingsCard {
    id: card

    required property NetworkUse network
    property bool narrow: false
    readonly property int shownUses: 8
    property bool allShown: false
    property string tokenProblem

    title: qsTr("Internet")
    CheckLine {
        Layout.fillWidth: true
        text: qsTr("Nibble may search for models and download them")
        checked: card.network.allowed
        onToggled: card.network.allowed = checked
    }
    CaptionText {
        Layout.fillWidth: true
        text: qsTr("Nothing else uses the Internet: chats and files stay on this computer, and the part of Nibble that reads them has no access to it.")
    }
    SettingsLine {
        Layout.fillWidth: true
        narrow: card.narrow
        label: qsTr("Address of the hub")
        note: qsTr("Hugging Face, or your office's own mirror of it. Empty: as it was.")
        Field {
            name: qsTr("Address of the hub")
            implicitWidth: Theme.scaled(260)
            text: card.network.hub
            onEditingFinished: {
                card.network.hub = text;
                text = Qt.binding(() => card.network.hub);
            }
        }
    }
    SettingsLine {
        Layout.fillWidth: true
        narrow: card.narrow
        label: qsTr("Access token")
        note: card.tokenProblem !== "" ? card.tokenProblem
            : card.network.signedIn ? qsTr("One is kept for %1, in a file that only you can read. It is sent to this hub only.").arg(card.network.hubName)
            : qsTr("For models whose terms you have agreed to on the hub: made in its settings, sent to this hub only.")
        Field {
            visible: !card.network.signedIn
            name: qsTr("Access token")
            implicitWidth: Theme.scaled(260)
            echoMode: TextInput.Password
            placeholderText: qsTr("Token, then Enter")
            onAccepted: {
                card.tokenProblem = card.network.keepToken(text);
                clear();
            }
        }
        ActionButton {
            visible: card.network.signedIn
            text: qsTr("Forget it")
            onClicked: card.tokenProblem = card.network.keepToken("")
        }
    }
    BodyText {
        Layout.fillWidth: true
        text: card.network.used ? qsTr("Used for") : qsTr("Used: never.")
    }
    Repeater {
        model: card.allShown ? card.network.uses.length : Math.min(card.network.uses.length, card.shownUses)
        CaptionText {
            required property int index
            Layout.fillWidth: true
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            text: card.network.uses[index]
        }
    }
    ActionButton {
        visible: !card.allShown && card.network.uses.length > card.shownUses
        quiet: true
        text: qsTr("Show all %1").arg(card.network.uses.length)
        onClicked: card.allShown = true
    }
}
