import QtQuick
import QtQuick.Layouts
import Nibble

/// What every page is: a title, a sentence, buttons at the right, and the content below.
FocusScope {
    id: frame

    required property App app
    property string title
    property string subtitle
    property alias actions: actionRow.data
    default property alias content: body.data
    /// Its controller, for tests and tools.
    property QtObject controller
    readonly property bool narrow: width < 820 * Theme.scale

    /// Called when another page sends the user here: {model: path} and whatever the page understands.
    function open(request: var) {}
    /// Esc was pressed; true where the page had something to stop or close.
    function goBack(): bool { return false; }

    ColumnLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.gapXl
        anchors.rightMargin: Theme.gapXl
        anchors.topMargin: Theme.gapL + 4
        spacing: Theme.gapL
        GridLayout {
            Layout.fillWidth: true
            columns: frame.narrow ? 1 : 2
            columnSpacing: Theme.gapL
            rowSpacing: Theme.gap
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 2
                TitleText {
                    Layout.fillWidth: true
                    text: frame.title
                }
                BodyText {
                    Layout.fillWidth: true
                    visible: text !== ""
                    text: frame.subtitle
                    color: Theme.secondaryText
                }
            }
            Flow {
                id: actionRow
                // In several lines only where there is no room for one: a Flow's own width follows its lines.
                readonly property real inOneLine: {
                    let width = -spacing;
                    for (let i = 0; i < visibleChildren.length; ++i)
                        width += visibleChildren[i].width + spacing;
                    return Math.max(0, width);
                }
                Layout.fillWidth: frame.narrow
                Layout.preferredWidth: inOneLine
                spacing: Theme.gapS
            }
        }
        Item {
            id: body
            Layout.fillWidth: true
            Layout.fillHeight: true
        }
    }
}
