import QtQuick
import QtQuick.Layouts
import Nibble

/// A question whose models may be told, and both answers. On the left the one that was A.
ColumnLayout {
    id: round

    required property int index
    required property string question
    required property string titleA
    required property string titleB
    required property string factsA
    required property string factsB
    required property string sentence
    required property string judged
    property RoundList list
    property bool narrow: false

    spacing: Theme.gapS
    HeadingText {
        Layout.fillWidth: true
        text: round.question
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
            title: round.titleA
            facts: round.factsA
            plain: round.list.plain(round.index, true)
            thoughts: round.list.thoughts(round.index, true)
            rich: round.list.marked(round.index, true, Theme.warn)
        }
        AnswerPane {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 100
            title: round.titleB
            facts: round.factsB
            plain: round.list.plain(round.index, false)
            thoughts: round.list.thoughts(round.index, false)
            rich: round.list.marked(round.index, false, Theme.warn)
        }
    }
    RowLayout {
        spacing: Theme.gapS
        Badge {
            Layout.alignment: Qt.AlignTop
            visible: text !== ""
            text: round.judged
            tone: "accent"
            icon: "check"
            maximumWidth: round.width
        }
        CaptionText {
            Layout.fillWidth: true
            text: round.sentence
        }
    }
}
