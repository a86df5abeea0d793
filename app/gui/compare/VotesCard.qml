import QtQuick
import QtQuick.Layouts
import Nibble

/// What the blind judgements say so far.
Card {
    id: card

    required property CompareController controller
    readonly property voteResult result: controller.result
    signal saveWanted()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gapS
        RowLayout {
            visible: card.result.headline !== ""
            spacing: Theme.gapS
            Icon {
                Layout.preferredWidth: Theme.iconSize + 4
                Layout.preferredHeight: Theme.iconSize + 4
                name: card.result.tone === "good" ? "check" : "info"
                color: Theme.toneText(card.result.tone)
            }
            HeadingText {
                Layout.fillWidth: true
                text: card.result.headline
            }
        }
        BodyText {
            visible: text !== ""
            Layout.fillWidth: true
            text: card.result.detail
        }
        CaptionText {
            Layout.fillWidth: true
            text: card.result.headline !== "" ? qsTr("Only what was judged blind counts. Questions and judgements stay on this computer.")
                : qsTr("Questions and answers stay on this computer, also after Nibble is closed.")
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            ActionButton {
                iconName: "file"
                text: qsTr("Save as a document…")
                onClicked: card.saveWanted()
            }
            ActionButton {
                quiet: true
                iconName: "trash"
                text: asking ? qsTr("Yes, forget them") : qsTr("Forget these questions")
                property bool asking: false
                onActiveFocusChanged: if (!activeFocus) asking = false
                onClicked: {
                    if (asking)
                        card.controller.forget();
                    asking = !asking;
                }
            }
        }
    }
}
