import QtQuick
import QtQuick.Layouts
import Nibble

/// What happened, what to do, one button, and the raw details with Copy.
Rectangle {
    id: card

    property engineError error
    property string actionText: qsTr("Try again")
    property bool closable: false
    signal action()
    signal closed()

    property bool detailsShown: false

    visible: error.message !== ""
    implicitHeight: visible ? column.implicitHeight + 2 * Theme.gapL : 0
    radius: Theme.radius
    color: Theme.badSoft
    Accessible.role: Accessible.AlertMessage
    Accessible.name: error.message + " " + error.whatToDo

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Theme.gapL
        spacing: Theme.gapS
        RowLayout {
            spacing: Theme.gap
            Icon {
                Layout.alignment: Qt.AlignTop
                Layout.preferredWidth: Theme.iconSize + 4
                Layout.preferredHeight: Theme.iconSize + 4
                name: "warning"
                color: Theme.bad
            }
            HeadingText {
                Layout.fillWidth: true
                text: card.error.message
            }
            IconButton {
                visible: card.closable
                iconName: "close"
                text: qsTr("Close this message")
                onClicked: card.closed()
            }
        }
        BodyText {
            visible: text !== ""
            Layout.fillWidth: true
            text: card.error.whatToDo
        }
        Flow {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            spacing: Theme.gapS
            ActionButton {
                visible: card.actionText !== ""
                text: card.actionText
                onClicked: card.action()
            }
            ActionButton {
                visible: card.error.detail !== ""
                quiet: true
                text: card.detailsShown ? qsTr("Hide details") : qsTr("Details")
                onClicked: card.detailsShown = !card.detailsShown
            }
            ActionButton {
                visible: card.error.detail !== ""
                quiet: true
                iconName: "copy"
                text: qsTr("Copy details")
                onClicked: Clipboard.copy(card.error.message + "\n" + card.error.kind + "\n" + card.error.detail)
            }
        }
        BodyText {
            visible: card.detailsShown && text !== ""
            Layout.fillWidth: true
            text: card.error.detail
            font.family: Theme.codeFamily
            font.pointSize: Theme.captionSize
            wrapMode: Text.WrapAnywhere
        }
    }
}
