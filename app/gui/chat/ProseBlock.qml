import QtQuick
import Nibble

/// Prose of an answer. Links ask first: they open only after their address was shown (see MessageItem).
TextEdit {
    id: prose

    signal linkChosen(address: string)

    readOnly: true
    selectByMouse: true
    wrapMode: TextEdit.Wrap
    textFormat: TextEdit.MarkdownText
    color: Theme.text
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentText
    font: Theme.bodyFont
    activeFocusOnTab: false
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    onLinkActivated: link => prose.linkChosen(link)
    HoverHandler { cursorShape: prose.hoveredLink !== "" ? Qt.PointingHandCursor : Qt.IBeamCursor }
}
