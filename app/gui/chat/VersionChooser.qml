import QtQuick
import Nibble

/// Steps through the versions of a turn: "2 of 3".
Row {
    id: chooser

    property int version: 1
    property int versions: 1
    signal wanted(step: int)

    spacing: 2
    IconButton {
        enabled: chooser.enabled && chooser.version > 1
        iconName: "left"
        text: qsTr("Version before")
        onClicked: chooser.wanted(-1)
    }
    CaptionText {
        anchors.verticalCenter: parent.verticalCenter
        text: qsTr("%1 of %2").arg(chooser.version).arg(chooser.versions)
        wrapMode: Text.NoWrap
    }
    IconButton {
        enabled: chooser.enabled && chooser.version < chooser.versions
        iconName: "right"
        text: qsTr("Version after")
        onClicked: chooser.wanted(1)
    }
}
