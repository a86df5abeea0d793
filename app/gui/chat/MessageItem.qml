pragma ComponentBehavior: Bound
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
            Layout.preferredWidth: Math.min(question.implicitWidth + 2 * Theme.gap + 4, message.width * 0.82)
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
        Repeater {
            model: message.fromUser ? 0 : message.blocks.length
            Item {
                id: part
                required property int index
                readonly property var block: message.blocks[index] ?? { code: false, text: "", language: "" }
                Layout.fillWidth: true
                implicitHeight: block.code ? code.implicitHeight : prose.implicitHeight
                ProseBlock {
                    id: prose
                    visible: !part.block.code
                    width: parent.width
                    text: part.block.code ? "" : part.block.text
                    onLinkChosen: address => message.linkChosen(address)
                }
                CodeBlock {
                    id: code
                    visible: part.block.code
                    width: parent.width
                    code: part.block.code ? part.block.text : ""
                    language: part.block.language
                }
            }
        }
        RowLayout {
            visible: message.writing
            spacing: Theme.gapS
            Repeater {
                model: 3
                Rectangle {
                    id: dot
                    required property int index
                    implicitWidth: Theme.scaled(7)
                    implicitHeight: implicitWidth
                    radius: width / 2
                    color: Theme.accent
                    SequentialAnimation on opacity {
                        running: message.writing
                        loops: Animation.Infinite
                        PauseAnimation { duration: dot.index * 160 }
                        NumberAnimation { from: 1; to: 0.25; duration: 420 }
                        NumberAnimation { from: 0.25; to: 1; duration: 420 }
                        PauseAnimation { duration: (2 - dot.index) * 160 }
                    }
                }
            }
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
            IconButton {
                visible: message.versions > 1
                enabled: message.version > 1 && !message.busy
                iconName: "left"
                text: qsTr("Version before")
                onClicked: message.versionWanted(-1)
            }
            CaptionText {
                visible: message.versions > 1
                text: qsTr("%1 of %2").arg(message.version).arg(message.versions)
                wrapMode: Text.NoWrap
            }
            IconButton {
                visible: message.versions > 1
                enabled: message.version < message.versions && !message.busy
                iconName: "right"
                text: qsTr("Version after")
                onClicked: message.versionWanted(1)
            }
            IconButton {
                opacity: message.toolsShown ? 1 : 0.001
                iconName: "copy"
                text: qsTr("Copy")
                onClicked: Clipboard.copy(message.content)
            }
            IconButton {
                visible: message.fromUser
                enabled: !message.busy
                opacity: message.toolsShown ? (enabled ? 1 : 0.5) : 0.001
                iconName: "edit"
                text: qsTr("Edit and ask again")
                onClicked: message.editing = true
            }
            IconButton {
                visible: !message.fromUser
                enabled: !message.busy
                opacity: message.toolsShown ? (enabled ? 1 : 0.5) : 0.001
                iconName: "retry"
                text: qsTr("Answer again")
                onClicked: message.retry()
            }
        }
    }
}
