#include "stop_list.h"

#include "components/wording.h"
#include "models/model_entry.h"
#include <QCoreApplication>
#include <algorithm>

namespace nibble::gui {

namespace {

constexpr int kLastResortBits = 3; // below four bits most models begin to make mistakes

/// What a preview finds, as the label of a stop; `usual` where the engine says a word that is not known here.
QString verdictWords(const QString& verdict, const QString& usual) {
    static constexpr const char* kVerdicts[] = {QT_TRANSLATE_NOOP("Engine", "Almost identical"),
                                                QT_TRANSLATE_NOOP("Engine", "Very close"),
                                                QT_TRANSLATE_NOOP("Engine", "Close"),
                                                QT_TRANSLATE_NOOP("Engine", "Noticeable"),
                                                QT_TRANSLATE_NOOP("Engine", "Weak"),
                                                QT_TRANSLATE_NOOP("Engine", "Broken")};
    for (const char* words : kVerdicts)
        if (verdict == QString(words).toLower()) return QCoreApplication::translate("Engine", words);
    return usual;
}

} // namespace

QString Stop::figures() const {
    QStringList lines;
    if (!words.isEmpty())
        lines +=
            {StopList::tr("as the original would choose, %1").arg(wordsRange), StopList::tr("%1 to make").arg(making)};
    if (!memory.isEmpty()) lines += {StopList::tr("%1 of memory").arg(memory), speed};
    return wording::joined(lines, "\n");
}

QString Stop::spoken() const {
    QStringList parts{StopList::tr("%1 bits").arg(bits), label, recommended ? StopList::tr("recommended") : QString(),
                      size, fitShort};
    if (usable) parts += {words, figures().replace('\n', ", ")};
    return wording::joined(parts, ", ");
}

QVariant StopList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != StopRole) return {};
    return QVariant::fromValue(m_stops[index.row()]);
}

void StopList::setRecipes(const QJsonArray& recipes) {
    m_recipes = recipes;
    clearFigures();
}

void StopList::clearFigures() {
    beginResetModel();
    m_stops.clear();
    for (const QJsonValue& value : m_recipes) {
        const QJsonObject recipe = value.toObject();
        Stop stop;
        stop.recipe = recipe["name"].toString();
        stop.bits = recipe["stop"].toInt();
        stop.label = recipe["label"].toString();
        stop.sentence = recipe["sentence"].toString();
        stop.lastResort = stop.bits <= kLastResortBits;
        if (stop.bits > 0) m_stops.append(stop);
    }
    endResetModel();
}

void StopList::setEstimate(int row, const QJsonObject& estimate, double originalBytes) {
    Stop& stop = m_stops[row];
    const QJsonObject verdict = estimate["verdict"].toObject();
    stop.bytes = estimate["fileBytes"].toDouble();
    stop.size = wording::bytes(stop.bytes);
    stop.share = originalBytes > 0 ? stop.bytes / originalBytes : 1;
    stop.memory = wording::bytes(estimate["totalBytes"].toDouble());
    std::tie(stop.fitShort, stop.fitTone) = fitWords(verdict);
    stop.fitText = verdict["sentence"].toString();
    stop.speed = wording::highestSpeed(estimate["forecast"].toObject()["tokensPerSecond"].toDouble());
    if (stop.share > 0.98) {
        stop.usable = false;
        stop.problem = tr("This model is already that small.");
    }
    changed(row);
}

void StopList::setPreview(const QJsonArray& stops) {
    for (const QJsonValue& value : stops) {
        const QJsonObject preview = value.toObject();
        const auto row = std::find_if(m_stops.begin(), m_stops.end(),
                                      [&](const Stop& stop) { return stop.recipe == preview["recipe"].toString(); });
        if (row == m_stops.end()) continue;
        const QJsonObject same = preview["agreement"].toObject();
        const auto percent = [&](const char* field) { return qRound(100 * same[field].toDouble()); };
        row->words = tr("%1 of 100 words").arg(percent("expected"));
        row->wordsRange = tr("between %1 and %2").arg(percent("low")).arg(percent("high"));
        row->drift = tr("drift %1 of 100").arg(preview["drift"].toInt());
        row->seconds = preview["seconds"].toObject();
        tellTime(*row);
        row->recommended = preview["recommended"].toBool();
        const QString verdict = preview["verdict"].toString();
        const bool poor = verdict == QLatin1String("weak") || verdict == QLatin1String("broken");
        row->lastResort = (poor || row->bits <= kLastResortBits) && !row->recommended;
        row->label = verdictWords(verdict, row->label);
        changed(int(row - m_stops.begin()));
    }
}

void StopList::tellTime(Stop& stop) const {
    const QJsonObject seconds = stop.seconds[QLatin1String(kCares[m_care])].toObject();
    if (seconds.isEmpty()) return;
    const auto time = [&](const char* field) { return wording::duration(seconds[QLatin1String(field)].toDouble()); };
    stop.making = time("expected");
    stop.makingRange = time("low") == time("high") ? QString() : tr("%1 to %2").arg(time("low"), time("high"));
}

void StopList::setCare(int care) {
    m_care = care;
    for (int row = 0; row < int(m_stops.size()); ++row) {
        tellTime(m_stops[row]);
        changed(row);
    }
}

void StopList::setProblem(int row, const QString& problem) {
    m_stops[row].usable = false;
    m_stops[row].problem = problem;
    changed(row);
}

} // namespace nibble::gui
