#include "appearance.h"

#include <QEvent>
#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>
#include <QPalette>
#include <QSettings>
#include <QStandardPaths>
#include <algorithm>

namespace nibble::gui {

namespace {
constexpr qreal kMinScale = 0.8, kMaxScale = 2.0;
constexpr qreal kMinPointSize = 10; // a bare X server says 9, which is too small to read all day

/// What the settings files of KDE and GTK say; Qt 6.4 does not pass it on.
bool systemIsCalm() {
    const auto setting = [](const char* file, const char* key) {
        const QString path = QStandardPaths::locate(QStandardPaths::GenericConfigLocation, QLatin1String(file));
        return path.isEmpty() ? QVariant() : QSettings(path, QSettings::IniFormat).value(QLatin1String(key));
    };
    const QVariant kde = setting("kdeglobals", "KDE/AnimationDurationFactor");
    if (kde.isValid()) return kde.toDouble() == 0;
    for (const char* file : {"gtk-4.0/settings.ini", "gtk-3.0/settings.ini"}) {
        const QVariant gtk = setting(file, "Settings/gtk-enable-animations");
        if (gtk.isValid()) return !gtk.toBool();
    }
    return false;
}

} // namespace

Appearance::Appearance(QObject* parent) : QObject(parent) {
    const QSettings settings;
    m_mode = Mode(std::clamp(settings.value("appearance/mode").toInt(), 0, 2));
    m_textScale = std::clamp(settings.value("appearance/textScale", 1.0).toReal(), kMinScale, kMaxScale);
    m_motion = std::clamp(settings.value("appearance/motion").toInt(), 0, int(Motion::Reduced));
    m_systemIsCalm = systemIsCalm();
    qGuiApp->installEventFilter(this);
}

void Appearance::setMode(Mode mode) {
    if (mode == m_mode) return;
    m_mode = mode;
    QSettings().setValue("appearance/mode", int(mode));
    emit changed();
}

void Appearance::setTextScale(qreal scale) {
    scale = std::clamp(qRound(scale * 20) / 20.0, kMinScale, kMaxScale);
    if (qFuzzyCompare(scale, m_textScale)) return;
    m_textScale = scale;
    QSettings().setValue("appearance/textScale", scale);
    emit changed();
}

void Appearance::setMotion(int motion) {
    motion = std::clamp(motion, 0, int(Motion::Reduced));
    if (motion == m_motion) return;
    m_motion = motion;
    QSettings().setValue("appearance/motion", motion);
    emit changed();
}

void Appearance::overrideForThisRun(const QString& theme, qreal textScale) {
    if (!theme.isEmpty()) m_mode = theme == QLatin1String("dark") ? Mode::Dark : Mode::Light;
    if (textScale > 0) m_textScale = std::clamp(textScale, kMinScale, kMaxScale);
    emit changed();
}

bool Appearance::dark() const {
    if (m_mode != Mode::System) return m_mode == Mode::Dark;
    // Qt 6.4 has no colour-scheme hint: the system's palette tells.
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
}

qreal Appearance::basePointSize() const { return std::max(QGuiApplication::font().pointSizeF(), kMinPointSize); }

QString Appearance::family() const {
    const QString system = QFontInfo(QGuiApplication::font()).family();
    // Without a desktop's settings the font is fontconfig's last resort; prefer one made for screens where it is
    // installed.
    if (system.startsWith(QLatin1String("DejaVu"))) {
        for (const char* better : {"Inter", "Inter Variable", "Noto Sans", "Open Sans"}) {
            if (QFontDatabase::hasFamily(QLatin1String(better))) return QLatin1String(better);
        }
    }
    return system;
}

QString Appearance::codeFamily() const { return QFontDatabase::systemFont(QFontDatabase::FixedFont).family(); }

bool Appearance::eventFilter(QObject* watched, QEvent* event) {
    if (watched == qGuiApp && event->type() == QEvent::ApplicationPaletteChange) emit changed();
    return QObject::eventFilter(watched, event);
}

} // namespace nibble::gui
