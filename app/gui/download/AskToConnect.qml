import QtQuick
import QtQuick.Layouts
import Nibble

/// Asked once, before the first connection.
Card {
    id: card

    property string hub
    property bool used: false // it was allowed before
    signal allowed()
    signal refused()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gap
        RowLayout {
            spacing: Theme.gap
            Icon {
                Layout.preferredWidth: Theme.scaled(22)
                Layout.preferredHeight: Theme.scaled(22)
                name: "shield"
                color: Theme.accent
            }
            HeadingText {
                Layout.fillWidth: true
                text: qsTr("May Nibble use the Internet to download models?")
            }
        }
        BodyText {
            Layout.fillWidth: true
            text: (card.used ? "" : qsTr("Until now it has not.") + " ") + qsTr("If you allow it, Nibble connects to %1 when you search there or download a model, and at no other time. What you search for and this computer's address are seen there. Chats and files are never sent; the part of Nibble that reads them has no access to the Internet.").arg(card.hub)
        }
        BodyText {
            Layout.fillWidth: true
            color: Theme.secondaryText
            text: qsTr("Every use is listed in the settings, where you can also forbid it again.")
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            ActionButton {
                primary: true
                iconName: "check"
                text: qsTr("Allow")
                onClicked: card.allowed()
            }
            ActionButton {
                text: qsTr("Not now")
                onClicked: card.refused()
            }
        }
    }
}
