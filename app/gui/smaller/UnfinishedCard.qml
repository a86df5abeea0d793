import QtQuick
import QtQuick.Layouts
import Nibble

/// A job that was interrupted: go on with it, or remove what it left.
Card {
    id: card

    required property unfinishedJob job
    signal goOn()
    signal discarded()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL
    Accessible.role: Accessible.Grouping
    Accessible.name: card.job.title

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gapS
        HeadingText {
            Layout.fillWidth: true
            text: card.job.title
        }
        BodyText {
            Layout.fillWidth: true
            text: card.job.problem !== "" ? card.job.problem : card.job.detail
        }
        CaptionText {
            Layout.fillWidth: true
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            text: card.job.output
        }
        Flow {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            spacing: Theme.gapS
            ActionButton {
                visible: card.job.problem === ""
                primary: true
                iconName: "smaller"
                text: qsTr("Go on")
                onClicked: card.goOn()
            }
            ActionButton {
                text: qsTr("Discard")
                tip: qsTr("Removes what was done so far; the original stays as it is.")
                onClicked: card.discarded()
            }
        }
    }
}
