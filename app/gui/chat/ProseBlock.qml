import QtQuick
import Nibble

/// Prose of an answer, or a formula with lines of its own. Links ask first: they open only after their address was shown
/// (see MessageItem).
TextEdit {
    id: prose

    property string formula // its source, where it is one
    signal linkChosen(address: string)

    readOnly: true
    selectByMouse: true
    wrapMode: TextEdit.Wrap
    textFormat: formula === "" ? TextEdit.MarkdownText : TextEdit.RichText
    leftPadding: formula === "" ? 0 : Theme.gapL
    topPadding: formula === "" ? 0 : Theme.gapXs
    bottomPadding: topPadding
    color: Theme.text
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentText
    font: Theme.bodyFont
    activeFocusOnTab: false
    Accessible.role: Accessible.StaticText
    Accessible.name: formula !== "" ? formula : text
    onLinkActivated: link => prose.linkChosen(link)
    HoverHandler { cursorShape: prose.hoveredLink !== "" ? Qt.PointingHandCursor : Qt.IBeamCursor }
}
