#include "language.h"

#include <QGuiApplication>
#include <QQmlEngine>
#include <QSettings>
#include <algorithm>
#include <utility>

namespace nibble::gui {

namespace {

constexpr char kKey[] = "appearance/language";
const QStringList kCodes{QString(), QStringLiteral("en"), QStringLiteral("de")}; // as choices()

} // namespace

Language::Language(QObject* parent) : QObject(parent) {
    m_choice = std::max(0, int(kCodes.indexOf(QSettings().value(kKey).toString())));
    connect(qGuiApp, &QGuiApplication::layoutDirectionChanged, this, &Language::directionChanged);
    apply();
}

bool Language::rightToLeft() { return QGuiApplication::isRightToLeft(); }

Language::~Language() {
    QCoreApplication::removeTranslator(&m_translator);
    QLocale::setDefault(QLocale::system());
}

QStringList Language::choices() {
    return {QStringLiteral("System"), QStringLiteral("English"), QStringLiteral("Deutsch")};
}

void Language::choose(int row) {
    if (row == m_choice || row < 0 || row >= kCodes.size()) return;
    m_choice = row;
    QSettings().setValue(kKey, kCodes[row]);
    apply();
    if (QQmlEngine* engine = qmlEngine(this)) engine->retranslate();
    emit changed();
}

void Language::apply() {
    QCoreApplication::removeTranslator(&m_translator);
    const QLocale system = QLocale::system();
    // Without a choice numbers stay as the system writes them, also where the texts have to be English.
    const QLocale locale = m_choice == 0 ? system : QLocale(kCodes[m_choice]);
    QLocale::setDefault(locale);
    if (m_translator.load(locale, QStringLiteral("nibble"), QStringLiteral("_"), QStringLiteral(":/i18n")))
        QCoreApplication::installTranslator(&m_translator);
    // Pages follow the texts, not the system: where there is no translation, they are English.
    const auto direction = m_translator.isEmpty() ? Qt::LeftToRight : QLocale(m_translator.language()).textDirection();
    if (direction == std::exchange(m_direction, direction)) return;
    QGuiApplication::setLayoutDirection(direction);
}

} // namespace nibble::gui
