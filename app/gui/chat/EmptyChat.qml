pragma ComponentBehavior: Bound
import QtQuick
import Nibble

/// A chat without a question yet: who answers, and a few ways to begin.
EmptyState {
    id: empty

    required property ChatController controller
    readonly property bool chosen: controller.model.path !== ""
    readonly property list<string> starters: [
        qsTr("Write a short, friendly email that moves Thursday's meeting to Friday at 10."),
        qsTr("Explain in three sentences what a language model is."),
        qsTr("Give me a checklist for preparing a team meeting.")
    ]
    signal modelsWanted()
    signal starterChosen(text: string)

    iconName: "chat"
    title: !chosen ? qsTr("Choose a model to chat with")
        : controller.state === PageController.Loading ? qsTr("Getting %1 ready…").arg(controller.model.name)
        : qsTr("Ask %1 something").arg(controller.model.name)
    text: chosen ? qsTr("Small models make mistakes, so check what matters. Nothing you write leaves this computer.")
        : qsTr("Any model from the Models page that fits this computer.")

    ActionButton {
        visible: !empty.chosen
        primary: true
        iconName: "models"
        text: qsTr("Go to Models")
        onClicked: empty.modelsWanted()
    }
    Column {
        visible: empty.chosen
        spacing: Theme.gapS
        Repeater {
            model: empty.starters
            ActionButton {
                required property string modelData
                anchors.left: parent ? parent.left : undefined // a Column leaves narrow items at the left
                width: Math.min(implicitWidth, empty.buttonWidth)
                text: modelData
                onClicked: empty.starterChosen(modelData)
            }
        }
    }
}
