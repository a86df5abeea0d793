import QtQuick
import QtQuick.Templates as T
import Nibble

/// A drop-down list. `name` is what it asks for.
T.ComboBox {
    id: control

    property string name
    property string placeholder: qsTr("Choose…")

    implicitWidth: Theme.scaled(280)
    implicitHeight: Theme.scaled(36)
    leftPadding: Theme.scaled(mirrored ? 32 : 12)
    rightPadding: Theme.scaled(mirrored ? 12 : 32)
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    font: Theme.bodyFont
    Accessible.name: name + ": " + (displayText === "" ? placeholder : displayText)
    Keys.onReturnPressed: popup.open()
    Keys.onEnterPressed: popup.open()

    contentItem: Text {
        text: control.displayText === "" ? control.placeholder : control.displayText
        textFormat: Text.PlainText
        font: control.font
        color: control.displayText === "" ? Theme.secondaryText : Theme.text
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideMiddle
    }
    indicator: Icon {
        x: control.mirrored ? Theme.scaled(10) : control.width - width - Theme.scaled(10)
        y: (control.height - height) / 2
        width: Theme.scaled(16)
        height: width
        name: "down"
        color: Theme.secondaryText
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: control.hovered || control.down ? Theme.raised : Theme.card
        border.width: 1
        border.color: Theme.fieldBorder
    }
    delegate: T.ItemDelegate {
        id: option
        required property int index
        width: ListView.view ? ListView.view.width : 0
        height: Theme.scaled(34)
        text: control.textAt(index)
        highlighted: control.highlightedIndex === index
        hoverEnabled: true
        Accessible.name: text
        contentItem: Text {
            leftPadding: Theme.scaled(10)
            text: option.text
            textFormat: Text.PlainText
            font: control.font
            color: Theme.text
            verticalAlignment: Text.AlignVCenter
            elide: Text.ElideMiddle
        }
        background: Rectangle {
            radius: Theme.radiusS - 2
            color: option.highlighted ? Theme.accentSoft : "transparent"
        }
    }
    popup: T.Popup {
        y: control.height + 4
        width: control.width
        height: Math.min(list.contentHeight + 12, Theme.scaled(320))
        padding: 6
        contentItem: ListView {
            id: list
            clip: true
            model: control.popup.visible ? control.delegateModel : null
            highlightMoveDuration: Appearance.calm ? 0 : -1
            currentIndex: control.highlightedIndex
        }
        background: Card { border.color: Theme.fieldBorder }
    }
    FocusRing { shown: control.visualFocus }
}
