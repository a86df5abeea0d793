import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Nibble

/// A model that the hub found.
T.Button {
    id: row

    required property hubHit hit

    implicitHeight: content.implicitHeight + 2 * Theme.gapS
    leftPadding: Theme.gap
    rightPadding: Theme.gap
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.name: hit.name + ", " + hit.detail
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: RowLayout {
        id: content
        spacing: Theme.gap
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            BodyText {
                Layout.fillWidth: true
                text: row.hit.name
                font.weight: Font.DemiBold
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                Accessible.ignored: true
            }
            CaptionText {
                Layout.fillWidth: true
                text: row.hit.detail
                Accessible.ignored: true
            }
        }
        Icon {
            Layout.preferredWidth: Theme.iconSize
            Layout.preferredHeight: Theme.iconSize
            name: "right"
            color: Theme.secondaryText
        }
    }
    background: Rectangle {
        radius: Theme.radiusS
        color: row.hovered || row.down ? Theme.raised : "transparent"
    }
    FocusRing { shown: row.visualFocus }
}
