import QtQuick
import QtQuick.Templates as T
import Nibble

/// The words that appear when the pointer rests on a control.
T.ToolTip {
    id: tip

    property bool shown: false

    visible: shown && text !== ""
    delay: 600
    y: parent ? parent.height + 6 : 0
    x: parent ? Math.round((parent.width - implicitWidth) / 2) : 0
    margins: 6
    padding: 8
    implicitWidth: Math.min(Theme.scaled(320), words.implicitWidth + 16)
    implicitHeight: contentItem.implicitHeight + 16
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent

    contentItem: Text {
        id: words
        text: tip.text
        textFormat: Text.PlainText
        wrapMode: Text.Wrap
        color: Theme.page
        font.family: Theme.family
        font.pointSize: Theme.captionSize
    }
    background: Rectangle {
        radius: Theme.radiusS - 2
        color: Theme.text
    }
}
