import QtQuick
import QtQuick.Layouts
import Nibble

/// One of the worst moments: what comes before, and what each model expects next.
RowLayout {
    id: line

    required property moment moment

    spacing: Theme.gap
    Accessible.role: Accessible.StaticText
    Accessible.name: moment.spoken

    CaptionText {
        Layout.alignment: Qt.AlignTop
        Layout.preferredWidth: Theme.scaled(16)
        horizontalAlignment: Text.AlignRight
        text: line.moment.number
        Accessible.ignored: true
    }
    ColumnLayout {
        Layout.fillWidth: true
        spacing: 2
        BodyText {
            Layout.fillWidth: true
            text: line.moment.context
            Accessible.ignored: true
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gap
            CaptionText {
                text: qsTr("Original: %1").arg(line.moment.original)
                Accessible.ignored: true
            }
            CaptionText {
                text: line.moment.changed ? qsTr("≠ Smaller: %1").arg(line.moment.smaller) : qsTr("Smaller: %1").arg(line.moment.smaller)
                color: line.moment.changed ? Theme.bad : Theme.secondaryText
                font.underline: line.moment.changed
                Accessible.ignored: true
            }
            CaptionText {
                text: qsTr("In the text: %1").arg(line.moment.follows)
                Accessible.ignored: true
            }
        }
    }
}
