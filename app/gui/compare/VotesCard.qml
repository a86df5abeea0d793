pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// What the blind judgements say so far.
Card {
    id: card

    required property CompareController controller
    readonly property bool voted: controller.results.some(result => result.headline !== "")
    signal saveWanted()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gapS
        Repeater {
            model: card.controller.results
            ColumnLayout {
                id: entry
                required property voteResult modelData
                visible: modelData.headline !== ""
                Layout.fillWidth: true
                Layout.bottomMargin: Theme.gapXs
                spacing: Theme.gapXs
                CaptionText {
                    visible: card.controller.results.length > 1
                    Layout.fillWidth: true
                    text: entry.modelData.title
                }
                RowLayout {
                    spacing: Theme.gapS
                    Icon {
                        Layout.preferredWidth: Theme.iconSize + 4
                        Layout.preferredHeight: Theme.iconSize + 4
                        name: entry.modelData.tone === "good" ? "check" : "info"
                        color: Theme.toneText(entry.modelData.tone)
                    }
                    HeadingText {
                        Layout.fillWidth: true
                        text: entry.modelData.headline
                    }
                }
                BodyText {
                    visible: text !== ""
                    Layout.fillWidth: true
                    text: entry.modelData.detail
                }
            }
        }
        CaptionText {
            visible: card.controller.oneAfterTheOther
            Layout.fillWidth: true
            text: qsTr("The models did not fit into memory at once, so they answered one after the other.")
        }
        CaptionText {
            Layout.fillWidth: true
            text: card.voted ? qsTr("Only what was judged blind counts. Questions and judgements stay on this computer.")
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
