#include "device_choice.h"

#include <QSettings>

namespace nibble::gui {

namespace {
const auto kKey = QStringLiteral("engine/device");
const auto kLayersKey = QStringLiteral("engine/layers"); // a map, since paths have slashes
constexpr int kAutomatic = -1;
} // namespace

QString chosenDevice() { return QSettings().value(kKey).toString(); }

void chooseDevice(const QString& id) { QSettings().setValue(kKey, id); }

int chosenLayers(const QString& model) {
    return QSettings().value(kLayersKey).toMap().value(model, kAutomatic).toInt();
}

void chooseLayers(const QString& model, int layers) {
    QSettings settings;
    QVariantMap all = settings.value(kLayersKey).toMap();
    if (layers == kAutomatic)
        all.remove(model);
    else
        all[model] = layers;
    settings.setValue(kLayersKey, all);
}

QJsonObject withDevice(QJsonObject params) {
    if (const QString device = chosenDevice(); !device.isEmpty()) params["device"] = device;
    if (const int layers = chosenLayers(params["model"].toString()); layers != kAutomatic) params["gpuLayers"] = layers;
    return params;
}

} // namespace nibble::gui
