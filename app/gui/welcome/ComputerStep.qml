pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// What this computer has, and how fast a model would write on it.
ScrollArea {
    id: step

    required property ThisComputer computer
    property bool narrow: false
    readonly property bool testing: computer.state === PageController.Busy

    GridLayout {
        width: parent ? parent.width : 0
        columns: step.narrow ? 1 : 2
        columnSpacing: Theme.gapL
        rowSpacing: Theme.gapL

        Card {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 3
            implicitHeight: factColumn.implicitHeight + 2 * Theme.gapL
            ColumnLayout {
                id: factColumn
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: parent.top
                anchors.margins: Theme.gapL
                spacing: Theme.gapL
                HeadingText {
                    Layout.fillWidth: true
                    text: qsTr("This computer")
                }
                Repeater {
                    model: step.computer.facts
                    ComputerFact {
                        required property var modelData
                        Layout.fillWidth: true
                        icon: modelData.icon
                        label: modelData.label
                        value: modelData.value
                        note: modelData.note
                    }
                }
            }
        }
        Card {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 2
            implicitHeight: speedColumn.implicitHeight + 2 * Theme.gapL
            ColumnLayout {
                id: speedColumn
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: parent.top
                anchors.margins: Theme.gapL
                spacing: Theme.gap
                HeadingText {
                    Layout.fillWidth: true
                    text: qsTr("How fast it writes")
                }
                BodyText {
                    visible: step.testing
                    Layout.fillWidth: true
                    text: qsTr("Testing, about two seconds. A graphics card is tested more thoroughly the first time.")
                    color: Theme.secondaryText
                }
                ProgressLine {
                    visible: step.testing
                    Layout.fillWidth: true
                    name: qsTr("Testing this computer")
                    fraction: step.computer.progress
                }
                TitleText {
                    visible: step.computer.state === PageController.Ready
                    Layout.fillWidth: true
                    text: step.computer.speed
                    color: Theme.accent
                }
                CaptionText {
                    visible: step.computer.state === PageController.Ready
                    Layout.fillWidth: true
                    text: step.computer.speedNote
                }
                CaptionText {
                    visible: text !== "" && step.computer.state === PageController.Ready
                    Layout.fillWidth: true
                    text: step.computer.cardNote
                }
                ErrorCard {
                    Layout.fillWidth: true
                    error: step.computer.error
                    actionText: qsTr("Test again")
                    onAction: step.computer.test()
                }
                ActionButton {
                    visible: step.computer.state !== PageController.Failed
                    enabled: !step.testing
                    iconName: "refresh"
                    text: qsTr("Test again")
                    onClicked: step.computer.test()
                }
            }
        }
    }
}
