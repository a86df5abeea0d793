import QtQuick
import QtQuick.Layouts
import Nibble

/// One turn: what the user wrote in a bubble at the right, an answer over the whole width. Copy, Edit and Retry appear on
/// hover and on keyboard focus.
FocusScope {
    id: message

    required property int index
    required property bool fromUser
    required property string content
    required property var blocks
    required property string thoughts
    required property bool thinking
    required property string note
    required property bool writing
    required property int version
    required property int versions
    required property var files
    property bool busy: false
    property bool editing: false
    readonly property bool toolsShown: hover.hovered || tools.activeFocus
    signal retry()
    signal versionWanted(step: int)
    signal edited(text: string)
    signal linkChosen(address: string)

    implicitHeight: column.implicitHeight
    Accessible.role: Accessible.ListItem
    Accessible.name: (fromUser ? qsTr("You: %1") : qsTr("Answer: %1")).arg(content)

    HoverHandler { id: hover }

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        spacing: Theme.gapXs

        Rectangle {
            visible: message.fromUser && !message.editing
            Layout.alignment: Qt.AlignRight
            // The width of a long text is known without laying it out in one line.
            Layout.preferredWidth: message.content.length > 400 ? message.width * 0.82
                : Math.min(question.implicitWidth + 2 * Theme.gap + 4, message.width * 0.82)
            Layout.preferredHeight: question.implicitHeight + 2 * Theme.gap - 4
            radius: Theme.radius
            color: Theme.accentSoft
            BodyText {
                id: question
                anchors.fill: parent
                anchors.margins: Theme.gap - 2
                anchors.leftMargin: Theme.gap + 2
                text: message.fromUser ? message.content : ""
                Accessible.ignored: true
            }
        }
        CaptionText {
            visible: text !== ""
            Layout.alignment: Qt.AlignRight
            Layout.maximumWidth: message.width * 0.82
            text: message.files.length === 0 ? "" : qsTr("With %1").arg(message.files.join(", "))
        }
        Loader {
            active: message.editing
            visible: active
            Layout.fillWidth: true
            sourceComponent: Composer {
                initialText: message.content
                sendText: qsTr("Ask again")
                canSend: true
                closable: true
                onSent: text => {
                    message.editing = false;
                    message.edited(text);
                }
                onClosed: message.editing = false
                Component.onCompleted: takeFocus()
            }
        }
        Loader {
            active: message.thoughts !== "" || message.thinking
            visible: active
            Layout.fillWidth: true
            sourceComponent: ThoughtsBlock {
                thoughts: message.thoughts
                thinking: message.thinking
            }
        }
        Repeater {
            model: message.fromUser ? 0 : message.blocks.length
            MessagePart {
                required property int index
                block: message.blocks[index] ?? { code: false, text: "", language: "" }
                Layout.fillWidth: true
                onLinkChosen: address => message.linkChosen(address)
            }
        }
        Loader {
            active: message.writing
            visible: active
            sourceComponent: WritingDots {}
        }
        RowLayout {
            id: tools
            visible: !message.writing && !message.editing
            Layout.alignment: message.fromUser ? Qt.AlignRight : Qt.AlignLeft
            spacing: 2
            CaptionText {
                visible: text !== ""
                text: message.note
                wrapMode: Text.NoWrap
                rightPadding: Theme.gapS
            }
            Loader {
                active: message.versions > 1
                visible: active
                sourceComponent: VersionChooser {
                    version: message.version
                    versions: message.versions
                    enabled: !message.busy
                    onWanted: step => message.versionWanted(step)
                }
            }
            IconButton {
                opacity: message.toolsShown ? 1 : 0.001
                iconName: "copy"
                text: qsTr("Copy")
                onClicked: Clipboard.copy(message.content)
            }
            IconButton {
                enabled: !message.busy
                opacity: message.toolsShown ? (enabled ? 1 : 0.5) : 0.001
                iconName: message.fromUser ? "edit" : "retry"
                text: message.fromUser ? qsTr("Edit and ask again") : qsTr("Answer again")
                onClicked: message.fromUser ? message.editing = true : message.retry()
            }
        }
    }
}
