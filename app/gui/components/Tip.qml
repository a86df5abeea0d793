import QtQuick
import QtQuick.Templates as T
import Nibble

/// The words that appear when the pointer rests on the item that holds this. Made when they are first wanted: a long
/// chat has hundreds of buttons.
Loader {
    id: tip

    property string text
    property bool shown: false

    visible: false // no room in a layout
    active: false
    onShownChanged: if (shown) active = true
    sourceComponent: T.ToolTip {
        parent: tip.parent
        visible: tip.shown && tip.text !== ""
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
}
