import QtQuick
import QtQuick.Layouts
import Nibble

/// What will happen, in figures, before anything starts.
Card {
    id: card

    required property SmallerController controller
    property bool narrow: false
    readonly property stop stop: controller.stop
    signal changePlace()

    implicitHeight: column.implicitHeight + 2 * Theme.gapL

    ColumnLayout {
        id: column
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Theme.gapL
        spacing: Theme.gap
        HeadingText {
            Layout.fillWidth: true
            text: card.stop.words === "" ? qsTr("%1 bits: %2. %3").arg(card.stop.bits).arg(card.stop.label.toLowerCase()).arg(card.stop.sentence)
                                         : qsTr("%1 bits, predicted: %2").arg(card.stop.bits).arg(card.stop.label.toLowerCase())
        }
        GridLayout {
            Layout.fillWidth: true
            columns: card.narrow ? 1 : 3
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap
            FigureTile {
                Layout.fillWidth: true
                visible: card.stop.words !== ""
                label: qsTr("As the original would choose")
                value: card.stop.words
                note: card.stop.wordsRange + ", " + card.stop.drift
                help: qsTr("How many of 100 next words would be the same as the original's. A prediction: the check afterwards measures it.")
            }
            FigureTile {
                Layout.fillWidth: true
                visible: card.stop.making !== ""
                label: qsTr("Time to make it")
                value: card.stop.making
                note: card.stop.makingRange
            }
            FigureTile {
                Layout.fillWidth: true
                visible: card.controller.makingMemory !== ""
                label: qsTr("Memory to make it")
                value: card.controller.makingMemory
                note: qsTr("at most, and gone afterwards")
                help: qsTr("Of the model only a part is in memory at a time. Better and Careful also read a text with it.")
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Size on disk")
                value: card.stop.size
                note: qsTr("now %1").arg(card.controller.source.size)
            }
            FigureTile {
                Layout.fillWidth: true
                label: qsTr("Memory while in use")
                value: card.stop.memory
                note: card.stop.fitText
            }
            FigureTile {
                Layout.fillWidth: true
                visible: card.controller.freeDisk !== ""
                label: qsTr("Free on this disk")
                value: card.controller.freeDisk
                note: card.controller.diskTooSmall ? qsTr("not enough for this model") : qsTr("enough")
            }
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gap
            Icon {
                Layout.preferredWidth: Theme.iconSize
                Layout.preferredHeight: Theme.iconSize
                name: "disk"
                color: Theme.secondaryText
            }
            BodyText {
                Layout.fillWidth: true
                text: qsTr("Will be saved as %1").arg(card.controller.output)
                color: Theme.secondaryText
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
            }
            ActionButton {
                quiet: true
                text: qsTr("Change…")
                Accessible.name: qsTr("Change where the smaller model is saved")
                onClicked: card.changePlace()
            }
        }
        Notice {
            visible: card.controller.diskTooSmall
            Layout.fillWidth: true
            tone: "bad"
            text: qsTr("There is not enough room on this disk. Choose another place, or fewer bits.")
        }
        GridLayout {
            Layout.fillWidth: true
            columns: card.narrow ? 1 : 3
            columnSpacing: Theme.gap
            rowSpacing: Theme.gapS
            BodyText { text: qsTr("How carefully") }
            Choice {
                name: qsTr("How carefully")
                implicitWidth: Theme.scaled(140)
                model: [qsTr("Quick"), qsTr("Better"), qsTr("Careful")]
                currentIndex: card.controller.care
                onActivated: index => card.controller.care = index
            }
            CaptionText {
                Layout.fillWidth: true
                wrapMode: Text.Wrap
                text: [qsTr("Rounds each number by itself."),
                    qsTr("Lets the original read a text first and keeps most exact what matters there. Takes longer, loses less."),
                    qsTr("And lets numbers make up for each other's rounding. Takes several times longer, loses least.")][card.controller.care]
            }
        }
        Notice {
            visible: text !== ""
            Layout.fillWidth: true
            tone: "warn"
            text: card.controller.warning
        }
        Flow {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            spacing: Theme.gap
            ActionButton {
                primary: true
                iconName: "smaller"
                text: card.controller.warning === "" ? qsTr("Make smaller") : qsTr("Make it that small anyway")
                enabled: card.controller.canStart
                onClicked: card.controller.start()
            }
            CaptionText {
                height: Theme.scaled(34)
                verticalAlignment: Text.AlignVCenter
                text: qsTr("The original stays as it is. A quick check follows.")
            }
        }
    }
}
