import QtQuick
import QtQuick.Layouts
import Nibble

Card {
    id: card

    property string title
    default property alias content: column.data

    implicitHeight: column.implicitHeight + 2 * Theme.gapL
    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gap + 2
        HeadingText {
            Layout.fillWidth: true
            text: card.title
        }
    }
}
