import QtQuick
import QtQuick.Layouts
import Nibble

/// Always in sight. It is true because nothing in Nibble opens a connection: see engine/no_network.h, which also keeps the
/// engine and QML from doing so by mistake; the tests of the window run both where the kernel ends who tries.
RowLayout {
    id: line

    property bool compact: false // only the icon
    readonly property string text: qsTr("Nothing has been sent. Network used: never.")

    spacing: Theme.gapS
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Icon {
        Layout.alignment: line.compact ? Qt.AlignHCenter : Qt.AlignTop
        Layout.preferredWidth: Theme.scaled(16)
        Layout.preferredHeight: Theme.scaled(16)
        name: "shield"
        color: Theme.good
    }
    CaptionText {
        visible: !line.compact
        Layout.fillWidth: true
        text: line.text
        Accessible.ignored: true
    }
    HoverHandler { id: hover }
    Tip {
        text: line.text
        shown: line.compact && hover.hovered
    }
}
