import QtQuick
import Nibble

/// Plain text: nothing that comes from a file is ever read as markup.
Text {
    color: Theme.text
    font.family: Theme.family
    font.pointSize: Theme.bodySize
    wrapMode: Text.Wrap
    lineHeight: 1.15
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
