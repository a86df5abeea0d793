pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Advanced: the numbers by which the next word is chosen. An empty field leaves it to the style and the model.
Card {
    id: card

    required property ChatController controller
    signal closed()
    function takeFocus() { first.forceActiveFocus(); }

    implicitHeight: Math.min(column.implicitHeight + 2 * Theme.gap, Theme.scaled(360))

    ScrollArea {
        anchors.fill: parent
        anchors.margins: Theme.gap
        ColumnLayout {
            id: column
            width: parent ? parent.width : 0
            spacing: Theme.gap
            RowLayout {
                spacing: Theme.gapS
                HeadingText {
                    Layout.fillWidth: true
                    text: qsTr("How the next word is chosen in this chat")
                }
                ActionButton {
                    visible: card.controller.sampling.changed
                    quiet: true
                    text: qsTr("As it was")
                    tip: qsTr("Empties all fields: the style and the model decide.")
                    onClicked: card.controller.sampling.clear()
                }
                IconButton {
                    id: first
                    iconName: "close"
                    text: qsTr("Close the advanced settings")
                    onClicked: card.closed()
                }
            }
            CaptionText {
                Layout.fillWidth: true
                text: qsTr("An empty field leaves it to the style and the model; their number stands in it in grey.")
            }
            GridLayout {
                Layout.fillWidth: true
                columns: card.width < Theme.scaled(520) ? 1 : 2
                columnSpacing: Theme.gapL
                rowSpacing: Theme.gap
                Repeater {
                    model: card.controller.sampling
                    SamplingField {
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        Layout.alignment: Qt.AlignTop
                        onWritten: (row, text) => card.controller.sampling.set(row, text)
                    }
                }
            }
        }
    }
}
