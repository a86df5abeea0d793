import QtQuick
import QtQuick.Layouts
import Nibble

/// The drift along the text: bars from its start to its end, and the same as a list.
ColumnLayout {
    id: picture

    required property var bars
    required property string summary
    property bool listed: false

    spacing: Theme.gapS
    HeadingText {
        Layout.fillWidth: true
        text: qsTr("Drift along the text")
    }
    CaptionText {
        Layout.fillWidth: true
        text: picture.summary + " " + qsTr("The numbers are those of the worst moments.")
    }
    Item {
        Layout.fillWidth: true
        Layout.topMargin: Theme.scaled(28) // for the numbers above the highest bars
        Layout.preferredHeight: Theme.scaled(84)
        Accessible.role: Accessible.Graphic
        Accessible.name: qsTr("Drift along the text, %1 bars. %2").arg(picture.bars.length).arg(picture.summary)

        Row {
            id: row
            anchors.fill: parent
            Repeater {
                model: picture.bars
                PictureBar {
                    required property var modelData
                    readonly property driftBar bar: modelData
                    width: row.width / picture.bars.length
                    height: row.height
                    share: bar.height
                    mark: bar.marks
                    markColor: Theme.bad
                }
            }
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: 1
            color: Theme.fieldBorder
        }
    }
    RowLayout {
        Layout.fillWidth: true
        CaptionText {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignLeft // else by the words' own direction
            text: qsTr("Start of the text")
        }
        CaptionText { text: qsTr("End") }
    }
    ActionButton {
        quiet: true
        text: picture.listed ? qsTr("Hide the values") : qsTr("Show the values as a list")
        onClicked: picture.listed = !picture.listed
    }
    Repeater {
        model: picture.listed ? picture.bars : []
        FactLine {
            id: value
            required property var modelData
            readonly property driftBar bar: modelData
            Layout.fillWidth: true
            label: bar.figures
            value: bar.begins
            labelWidth: Theme.scaled(230)
        }
    }
}
