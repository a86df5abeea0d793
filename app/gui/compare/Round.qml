pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Nibble

/// A question whose models may be told, and the answers. On the left the one that was A.
ColumnLayout {
    id: round

    required property int index
    required property string question
    required property list<string> titles
    required property list<string> facts
    required property string sentence
    required property string judged
    property RoundList list

    spacing: Theme.gapS
    HeadingText {
        Layout.fillWidth: true
        text: round.question
    }
    AnswerGrid {
        Layout.fillWidth: true
        sides: round.titles.length
        Repeater {
            model: round.titles
            AnswerPane {
                required property int index
                required property string modelData
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 100
                title: modelData
                facts: round.facts[index]
                plain: round.list.plain(round.index, index)
                thoughts: round.list.thoughts(round.index, index)
                rich: round.list.marked(round.index, index, Theme.warn)
            }
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
