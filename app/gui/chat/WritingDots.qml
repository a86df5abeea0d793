import QtQuick
import Nibble

/// An answer is being written.
Row {
    id: dots

    spacing: Theme.gapS
    Repeater {
        model: 3
        Rectangle {
            id: dot
            required property int index
            width: Theme.scaled(7)
            height: width
            radius: width / 2
            color: Theme.accent
            SequentialAnimation on opacity {
                running: dots.visible && !Appearance.calm
                loops: Animation.Infinite
                PauseAnimation { duration: dot.index * 160 }
                NumberAnimation { from: 1; to: 0.25; duration: 420 }
                NumberAnimation { from: 0.25; to: 1; duration: 420 }
                PauseAnimation { duration: (2 - dot.index) * 160 }
            }
        }
    }
}
