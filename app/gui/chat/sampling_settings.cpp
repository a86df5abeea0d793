#include "sampling_settings.h"

#include "chat_words.h"
#include <QCoreApplication>
#include <QJsonDocument>
#include <QLocale>
#include <cmath>

namespace nibble::gui {

namespace {

struct Option {
    const char *key, *name, *help;
    double low, high; // as core/service accepts them, or less where more makes no sense
    bool whole = false;
};
constexpr const char* kContext = "SamplingSettings";
constexpr Option kOptions[] = {
    {"temperature", QT_TRANSLATE_NOOP("SamplingSettings", "Temperature"),
     QT_TRANSLATE_NOOP("SamplingSettings",
                       "0 always takes the likeliest word; 1 draws as the model expects; more is wilder."),
     0, 5},
    {"topK", QT_TRANSLATE_NOOP("SamplingSettings", "Top-k"),
     QT_TRANSLATE_NOOP("SamplingSettings", "Draws only from this many likeliest words. 0: from all."), 0, 100000, true},
    {"topP", QT_TRANSLATE_NOOP("SamplingSettings", "Top-p"),
     QT_TRANSLATE_NOOP("SamplingSettings",
                       "Draws only from the likeliest words that together have this chance. 1: from all."),
     0, 1},
    {"minP", QT_TRANSLATE_NOOP("SamplingSettings", "Min-p"),
     QT_TRANSLATE_NOOP("SamplingSettings",
                       "Leaves out words with less than this share of the likeliest word's chance. 0: none."),
     0, 1},
    {"repeatPenalty", QT_TRANSLATE_NOOP("SamplingSettings", "Repetition penalty"),
     QT_TRANSLATE_NOOP("SamplingSettings", "Makes words that were just used less likely. 1: off; 1.1 is usual."), 0.01,
     10},
    {"repeatLastN", QT_TRANSLATE_NOOP("SamplingSettings", "Repetition window"),
     QT_TRANSLATE_NOOP("SamplingSettings", "How many of the last words (tokens) the penalties look at."), 0, 100000,
     true},
    {"presencePenalty", QT_TRANSLATE_NOOP("SamplingSettings", "Presence penalty"),
     QT_TRANSLATE_NOOP("SamplingSettings", "Makes every word that was used less likely by the same amount. 0: off."),
     -2, 2},
    {"frequencyPenalty", QT_TRANSLATE_NOOP("SamplingSettings", "Frequency penalty"),
     QT_TRANSLATE_NOOP("SamplingSettings", "Makes a word less likely each time that it is used. 0: off."), -2, 2},
    {"dryMultiplier", QT_TRANSLATE_NOOP("SamplingSettings", "DRY strength"),
     QT_TRANSLATE_NOOP("SamplingSettings", "Keeps whole phrases from being repeated. 0: off; 0.8 is usual."), 0, 100},
    {"dryBase", QT_TRANSLATE_NOOP("SamplingSettings", "DRY growth"),
     QT_TRANSLATE_NOOP("SamplingSettings", "How much stronger it gets with each word more of a repeated phrase."), 1,
     10},
    {"dryAllowedLength", QT_TRANSLATE_NOOP("SamplingSettings", "DRY length"),
     QT_TRANSLATE_NOOP("SamplingSettings", "Phrases up to this many words (tokens) may be repeated."), 1, 50, true},
    {"xtcProbability", QT_TRANSLATE_NOOP("SamplingSettings", "XTC chance"),
     QT_TRANSLATE_NOOP("SamplingSettings",
                       "How often the most obvious words are left out, for livelier texts. 0: never."),
     0, 1},
    {"xtcThreshold", QT_TRANSLATE_NOOP("SamplingSettings", "XTC threshold"),
     QT_TRANSLATE_NOOP("SamplingSettings", "A word with at least this chance counts as obvious."), 0, 1},
    {"mirostatTau", QT_TRANSLATE_NOOP("SamplingSettings", "Mirostat surprise"),
     QT_TRANSLATE_NOOP("SamplingSettings",
                       "Keeps the text this surprising, instead of top-k, top-p, min-p and XTC. 0: off; 5 is usual."),
     0, 100},
    {"mirostatEta", QT_TRANSLATE_NOOP("SamplingSettings", "Mirostat speed"),
     QT_TRANSLATE_NOOP("SamplingSettings", "How quickly it corrects itself."), 0, 1},
    {"seed", QT_TRANSLATE_NOOP("SamplingSettings", "Seed"),
     QT_TRANSLATE_NOOP("SamplingSettings", "The same number draws the same words again. 0: another one each time."), 0,
     9007199254740991.0, true},
};

QString words(const char* text) { return QCoreApplication::translate(kContext, text); }

/// As the language writes it, or with a point.
bool readNumber(const QString& text, double& number) {
    bool good = false;
    number = QLocale().toDouble(text, &good);
    if (!good) number = QLocale::c().toDouble(text, &good);
    return good && std::isfinite(number);
}

QString written(const QJsonValue& value) {
    if (!value.isDouble()) return {};
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator);
    const double number = value.toDouble();
    return number == std::floor(number) ? locale.toString(number, 'f', 0) : locale.toString(number, 'g', 6);
}

} // namespace

int SamplingSettings::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(std::size(kOptions));
}

QHash<int, QByteArray> SamplingSettings::roleNames() const {
    return {
        {NameRole, "name"}, {HelpRole, "help"}, {ValueRole, "value"}, {UsualRole, "usual"}, {ProblemRole, "problem"}};
}

QVariant SamplingSettings::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const int row = index.row();
    const Option& option = kOptions[row];
    const QString key = option.key;
    switch (role) {
    case NameRole:
        return words(option.name);
    case HelpRole:
        return words(option.help);
    case ValueRole:
        return m_refused.contains(row) ? m_refused[row] : written(m_values[key]);
    case UsualRole: {
        const QJsonObject style = samplingOf(m_style);
        return written(style.contains(key) ? style[key] : m_suggested[key]);
    }
    case ProblemRole:
        if (!m_refused.contains(row)) return QString();
        return (option.whole ? tr("A whole number from %1 to %2.") : tr("A number from %1 to %2."))
            .arg(written(option.low), written(option.high));
    default:
        return {};
    }
}

void SamplingSettings::setStyle(int style) {
    if (style == m_style) return;
    m_style = style;
    rowsChanged();
    emit valuesChanged();
}

void SamplingSettings::setSuggested(const QJsonObject& suggested) {
    m_suggested = suggested;
    rowsChanged();
}

void SamplingSettings::set(int row, const QString& text) {
    if (row < 0 || row >= rowCount()) return;
    const Option& option = kOptions[row];
    const QString clean = text.trimmed();
    double number = 0;
    const bool good = readNumber(clean, number) && number >= option.low && number <= option.high &&
                      (!option.whole || number == std::floor(number));
    m_refused.remove(row);
    m_values.remove(option.key);
    if (good)
        m_values[option.key] = number;
    else if (!clean.isEmpty())
        m_refused[row] = clean;
    emit dataChanged(index(row), index(row));
    emit valuesChanged();
}

void SamplingSettings::clear() {
    m_values = {};
    m_refused.clear();
    rowsChanged();
    emit valuesChanged();
}

QJsonObject SamplingSettings::sampling() const {
    QJsonObject sampling = samplingOf(m_style);
    for (auto value = m_values.begin(); value != m_values.end(); ++value) sampling[value.key()] = value.value();
    return sampling;
}

QString SamplingSettings::toText() const {
    QJsonObject kept = m_values;
    if (m_style != 0) kept["style"] = m_style;
    return kept.isEmpty() ? QString() : QString::fromUtf8(QJsonDocument(kept).toJson(QJsonDocument::Compact));
}

void SamplingSettings::fromText(const QString& text) {
    const QJsonObject kept = QJsonDocument::fromJson(text.toUtf8()).object();
    m_style = qBound(0, kept["style"].toInt(), int(answerStyles().size()) - 1);
    m_values = {};
    m_refused.clear();
    for (const Option& option : kOptions) {
        const QJsonValue value = kept[QLatin1String(option.key)];
        if (value.isDouble() && value.toDouble() >= option.low && value.toDouble() <= option.high)
            m_values[option.key] = value;
    }
    rowsChanged();
    emit valuesChanged();
}

} // namespace nibble::gui
