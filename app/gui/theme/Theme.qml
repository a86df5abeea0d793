// The colours, sizes and fonts of every page. Text on any of the surfaces has a contrast of at least 4.5 : 1; a test checks it.
pragma Singleton
import QtQuick
import Nibble

QtObject {
    readonly property bool dark: Appearance.dark
    /// 1 to 2: widths that hold text grow with it.
    readonly property real scale: Appearance.textScale

    // Surfaces, from back to front.
    readonly property color rail: dark ? "#101318" : "#eceef3"
    readonly property color page: dark ? "#161a20" : "#f7f8fa"
    readonly property color card: dark ? "#1e232b" : "#ffffff"
    readonly property color raised: dark ? "#282e38" : "#eef1f6"
    readonly property color border: dark ? "#333a46" : "#dde2ea"
    readonly property color fieldBorder: dark ? "#6b7689" : "#848fa1"

    readonly property color text: dark ? "#e9ecf2" : "#1a2030"
    readonly property color secondaryText: dark ? "#a9b3c3" : "#556072"

    readonly property color accent: dark ? "#9db2ff" : "#3350cf"
    readonly property color accentHover: dark ? "#b4c4ff" : "#2a43b3"
    readonly property color accentText: dark ? "#0f1738" : "#ffffff"
    readonly property color accentSoft: dark ? "#263054" : "#e4e9fc"
    readonly property color focus: dark ? "#c3d0ff" : "#1f3bb8"

    readonly property color good: dark ? "#7fd8a4" : "#146c3f"
    readonly property color goodSoft: dark ? "#1b3527" : "#ddf3e6"
    readonly property color warn: dark ? "#f0c36b" : "#7d4f00"
    readonly property color warnSoft: dark ? "#3a2f17" : "#fdf0d3"
    readonly property color bad: dark ? "#ff9d95" : "#ad2318"
    readonly property color badSoft: dark ? "#44211f" : "#fde5e2"

    readonly property int gapXs: 4
    readonly property int gapS: 8
    readonly property int gap: 12
    readonly property int gapL: 20
    readonly property int gapXl: 32
    readonly property int radius: 12
    readonly property int radiusS: 8
    readonly property int quick: 120 // ms of a small animation

    readonly property string family: Appearance.family
    readonly property string codeFamily: Appearance.codeFamily
    readonly property real captionSize: bodySize * 0.9
    readonly property real bodySize: Appearance.basePointSize * scale
    readonly property real headingSize: bodySize * 1.15
    readonly property real titleSize: bodySize * 1.7
    readonly property font bodyFont: Qt.font({ family: family, pointSize: bodySize })
    /// The side of an icon beside body text.
    readonly property int iconSize: Math.round(18 * scale)

    /// A width or height that holds text: `pixels` at 100 %.
    function scaled(pixels: real): int { return Math.round(pixels * scale); }

    /// The colour of a tone ("good", "warn", "bad", "accent", else neutral), and of the soft surface behind it.
    function toneText(tone: string): color {
        return tone === "good" ? good : tone === "warn" ? warn : tone === "bad" ? bad : tone === "accent" ? accent : secondaryText;
    }
    function toneSurface(tone: string): color {
        return tone === "good" ? goodSoft : tone === "warn" ? warnSoft : tone === "bad" ? badSoft : tone === "accent" ? accentSoft : raised;
    }
}
