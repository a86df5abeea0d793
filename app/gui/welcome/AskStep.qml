pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// Three questions from the office to click; the answer comes on the Chat page.
ScrollArea {
    id: step

    property modelEntry model
    property bool narrow: false
    readonly property list<string> prompts: [
        qsTr("Write a short, friendly e-mail that moves Thursday's meeting to Friday at 10."),
        qsTr("Give me a checklist for the first day of a new colleague."),
        qsTr("Explain in three sentences, for everyone, what an invoice must contain.")
    ]
    /// With the question, or "" to write one.
    signal asked(text: string)

    function takeFocus() { questions.itemAt(0).forceActiveFocus(); }

    ColumnLayout {
        width: parent ? Math.min(parent.width, Theme.scaled(720)) : 0
        anchors.left: parent ? parent.left : undefined // of a Column, which itself leaves narrow items at the left
        spacing: Theme.gap
        Notice {
            Layout.fillWidth: true
            tone: "good"
            text: qsTr("%1 is chosen. Small models make mistakes, so check what matters.").arg(step.model.name)
        }
        Repeater {
            id: questions
            model: step.prompts
            QuestionButton {
                required property string modelData
                Layout.fillWidth: true
                text: modelData
                onClicked: step.asked(modelData)
            }
        }
        ActionButton {
            quiet: true
            iconName: "edit"
            text: qsTr("Write my own")
            onClicked: step.asked("")
        }
    }
}
