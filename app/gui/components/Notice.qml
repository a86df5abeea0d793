import QtQuick
import QtQuick.Layouts
import Nibble

/// A sentence the user should see, with at most one button. `tone` as in Badge.
Rectangle {
    id: notice

    property string tone: "accent"
    property string text
    property string actionText
    property bool closable: false
    signal action()
    signal closed()

    function takeFocus() { (actionText !== "" ? actionButton : closeButton).forceActiveFocus(); }

    implicitHeight: row.implicitHeight + 2 * Theme.gap
    radius: Theme.radiusS
    color: Theme.toneSurface(tone)
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.gapL - 4
        anchors.rightMargin: Theme.gap
        spacing: Theme.gap
        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.preferredWidth: Theme.iconSize + 2
            Layout.preferredHeight: Theme.iconSize + 2
            name: notice.tone === "good" ? "check" : notice.tone === "warn" || notice.tone === "bad" ? "warning" : "info"
            color: Theme.toneText(notice.tone)
        }
        BodyText {
            Layout.fillWidth: true
            text: notice.text
            Accessible.ignored: true
        }
        ActionButton {
            id: actionButton
            visible: notice.actionText !== ""
            text: notice.actionText
            onClicked: notice.action()
        }
        IconButton {
            id: closeButton
            visible: notice.closable
            iconName: "close"
            text: qsTr("Close this message")
            onClicked: notice.closed()
        }
    }
}
