import QtQuick
import QtQuick.Layouts
import Nibble

/// One prompt and both answers: original left, smaller right.
ColumnLayout {
    id: round

    property answerPair pair
    property string originalTitle
    property string smallerTitle
    property bool narrow: false

    spacing: Theme.gapS
    HeadingText {
        Layout.fillWidth: true
        text: round.pair.prompt
    }
    GridLayout {
        Layout.fillWidth: true
        columns: round.narrow ? 1 : 2
        columnSpacing: Theme.gap
        rowSpacing: Theme.gap
        AnswerPane {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 100
            title: round.originalTitle
            pair: round.pair
            ofOriginal: true
        }
        AnswerPane {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 100
            title: round.smallerTitle
            pair: round.pair
        }
    }
    RowLayout {
        spacing: Theme.gapS
        Icon {
            Layout.preferredWidth: Theme.iconSize
            Layout.preferredHeight: Theme.iconSize
            name: round.pair.identical ? "check" : "info"
            color: round.pair.identical ? Theme.good : Theme.secondaryText
        }
        CaptionText {
            Layout.fillWidth: true
            text: round.pair.identical || round.pair.originalWord === "" || round.pair.smallerWord === "" ? round.pair.sentence
                : round.pair.sentence + " " + qsTr("First difference: “%1” became “%2”.").arg(round.pair.originalWord).arg(round.pair.smallerWord)
        }
    }
}
