import QtQuick
import QtQuick.Layouts
import Nibble

/// Always in sight: whether and when a network was used (engine/network_use.h). Until the user allows downloads nothing in
/// Nibble opens a connection: see engine/no_network.h; the tests of the window run where the kernel ends who tries.
RowLayout {
    id: line

    required property NetworkUse network
    property bool compact: false // only the icon
    readonly property string text: network.line

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
