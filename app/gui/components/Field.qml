import QtQuick
import QtQuick.Templates as T
import Nibble

/// One line of text. `name` is what it asks for.
T.TextField {
    id: control

    property string name

    implicitWidth: Theme.scaled(240)
    implicitHeight: Math.max(Theme.scaled(34), contentHeight + topPadding + bottomPadding)
    leftPadding: Theme.scaled(10)
    rightPadding: leftPadding
    topPadding: Theme.scaled(6)
    bottomPadding: topPadding
    verticalAlignment: TextInput.AlignVCenter
    font: Theme.bodyFont
    color: Theme.text
    placeholderTextColor: Theme.secondaryText
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentText
    selectByMouse: true
    Accessible.name: name

    Text {
        visible: control.text === "" && control.preeditText === ""
        anchors.fill: parent
        anchors.leftMargin: control.leftPadding
        anchors.rightMargin: control.rightPadding
        verticalAlignment: Text.AlignVCenter
        text: control.placeholderText
        font: control.font
        color: control.placeholderTextColor
        elide: Text.ElideRight
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: Theme.card
        border.width: control.activeFocus ? 2 : 1
        border.color: control.activeFocus ? Theme.focus : Theme.fieldBorder
    }
}
