import QtQuick
import QtQuick.Layouts
import Nibble

/// A download that was stopped, cut off, or running when the program was closed.
Card {
    id: card

    required property pausedDownload download
    property bool mayGoOn: true
    signal goOn()
    signal discarded()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL
    Accessible.role: Accessible.Grouping
    Accessible.name: download.title

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gapS
        HeadingText {
            Layout.fillWidth: true
            text: card.download.title
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
        ProgressLine {
            Layout.fillWidth: true
            name: qsTr("What is here")
            fraction: card.download.progress
        }
        BodyText {
            Layout.fillWidth: true
            text: card.download.detail
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            ActionButton {
                enabled: card.mayGoOn
                iconName: "drop"
                text: qsTr("Go on")
                Accessible.name: qsTr("Go on downloading %1").arg(card.download.choice)
                onClicked: card.goOn()
            }
            ActionButton {
                text: qsTr("Discard")
                Accessible.name: qsTr("Discard %1").arg(card.download.choice)
                tip: qsTr("Removes what has arrived.")
                onClicked: card.discarded()
            }
        }
    }
}
