#include "stop_list.h"

#include "components/wording.h"
#include "models/model_entry.h"
#include <QJsonArray>

namespace nibble::gui {

QString Stop::spoken() const {
    return wording::joined({StopList::tr("%1 bits").arg(bits), label, size, fitShort}, ", ");
}

QVariant StopList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != StopRole) return {};
    return QVariant::fromValue(m_stops[index.row()]);
}

void StopList::setRecipes(const QJsonArray& recipes) {
    beginResetModel();
    m_stops.clear();
    for (const QJsonValue& value : recipes) {
        const QJsonObject recipe = value.toObject();
        Stop stop;
        stop.recipe = recipe["name"].toString();
        stop.bits = recipe["stop"].toInt();
        stop.label = recipe["label"].toString();
        stop.sentence = recipe["sentence"].toString();
        if (stop.bits > 0) m_stops.append(stop);
    }
    endResetModel();
}

void StopList::clearFigures() {
    beginResetModel();
    for (Stop& stop : m_stops) {
        Stop bare;
        bare.recipe = stop.recipe;
        bare.bits = stop.bits;
        bare.label = stop.label;
        bare.sentence = stop.sentence;
        stop = bare;
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
    if (stop.share > 0.98) {
        stop.usable = false;
        stop.problem = tr("This model is already that small.");
    }
    changed(row);
}

void StopList::setProblem(int row, const QString& problem) {
    m_stops[row].usable = false;
    m_stops[row].problem = problem;
    changed(row);
}

} // namespace nibble::gui
