#include "layer_costs.h"

#include "components/wording.h"
#include <QLocale>
#include <algorithm>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

/// What the layer cost alone; measured, so it may be a little below nothing.
double costOf(const QJsonValue& layer) { return std::max(0.0, layer["divergence"].toDouble()); }

struct Sums {
    double most = 0, all = 0, worthMost = 0;
};

Sums sumsOf(const QJsonArray& layers, const QJsonArray& worthMost) {
    Sums sums;
    for (const QJsonValue& layer : layers) {
        sums.most = std::max(sums.most, costOf(layer));
        sums.all += costOf(layer);
        if (worthMost.contains(layer["layer"])) sums.worthMost += costOf(layer);
    }
    return sums;
}

QString percent(double part, double all) {
    const double share = all > 0 ? 100 * part / all : 0;
    if (share > 0 && share < 1) return LayerCosts::tr("less than 1\u00a0%");
    return LayerCosts::tr("%1\u00a0%").arg(qRound(share));
}

/// "in layers 29, 18 and 10", "in layer 3, and in the tables of words"
QString placesOf(const QJsonArray& worthMost) {
    QStringList numbers;
    for (const QJsonValue& layer : worthMost)
        if (layer.toInt() >= 0) numbers += QString::number(layer.toInt());
    const QString tables = LayerCosts::tr("in the tables of words");
    if (numbers.isEmpty()) return tables;
    const QString last = numbers.takeLast();
    const QString layers = numbers.isEmpty() ? LayerCosts::tr("in layer %1").arg(last)
                                             : LayerCosts::tr("in layers %1 and %2").arg(numbers.join(", "), last);
    const bool both = worthMost.size() > numbers.size() + 1;
    return both ? LayerCosts::tr("%1, and %2").arg(layers, tables) : layers;
}

LayerBar barOf(const QJsonValue& layer, const Sums& sums, bool worthMost) {
    const int number = layer["layer"].toInt();
    LayerBar bar;
    bar.height = sums.most > 0 ? costOf(layer) / sums.most : 0;
    bar.name = number < 0 ? LayerCosts::tr("Tables of words") : LayerCosts::tr("Layer %1").arg(number);
    if (worthMost) bar.mark = number < 0 ? LayerCosts::tr("W", "short for: tables of words") : QString::number(number);
    const double bytes = layer["bytes"].toDouble(), finer = layer["finerBytes"].toDouble();
    bar.figures = LayerCosts::tr("%1 of the loss; %2").arg(percent(costOf(layer), sums.all), wording::bytes(bytes));
    if (finer > 0) bar.figures += LayerCosts::tr(", with more bits %1").arg(wording::bytes(bytes + finer));
    bar.spoken = LayerCosts::tr("%1: %2").arg(bar.name, bar.figures);
    return bar;
}

} // namespace

Reply* LayerCosts::measure(EngineInterface& engine, const QString& original, const QString& smaller) {
    clear();
    Reply* reply = engine.request(protocol::kLayers, {{"original", original}, {"smaller", smaller}});
    connect(reply, &Reply::finished, this, [this](const QJsonObject& report) {
        show(report);
        emit ended();
        emit known();
    });
    connect(reply, &Reply::failed, this, [this](const EngineError& error) {
        if (!error.isCanceled()) fail(error);
        emit ended();
    });
    return reply;
}

void LayerCosts::show(const QJsonObject& report) {
    const QJsonArray layers = report["layers"].toArray();
    m_worthMost = report["worthMost"].toArray();
    const Sums sums = sumsOf(layers, m_worthMost);
    for (const QJsonValue& layer : layers)
        m_bars += QVariant::fromValue(barOf(layer, sums, m_worthMost.contains(layer["layer"])));
    m_basis =
        tr("Each bar: what the original loses with only this layer made smaller, measured at %1 places of a text.")
            .arg(QLocale().toString(report["tokens"].toInt()));
    if (m_worthMost.isEmpty()) {
        m_sentence = tr("No layer costs anything that more bits would give back.");
    } else {
        const QString bytes = wording::bytes(report["worthMostBytes"].toDouble());
        m_sentence = tr("More bits help most %1: %2 of the loss comes from there. They make the file %3 larger.")
                         .arg(placesOf(m_worthMost), percent(sums.worthMost, sums.all), bytes);
        const bool oneLayer = m_worthMost.size() == 1 && m_worthMost[0].toInt() >= 0;
        m_offer = (oneLayer ? tr("Give it %1 more") : tr("Give them %1 more")).arg(bytes);
    }
    emit changed();
}

void LayerCosts::clear() {
    m_bars.clear();
    m_basis.clear();
    m_sentence.clear();
    m_offer.clear();
    m_worthMost = {};
    m_error = {};
    emit changed();
}

void LayerCosts::fail(const EngineError& error) {
    m_error = error;
    emit changed();
}

} // namespace nibble::gui
