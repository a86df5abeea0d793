#include "device_choice.h"

#include <QSettings>

namespace nibble::gui {

namespace {
const auto kKey = QStringLiteral("engine/device");
// Maps by path, since keys may have no slashes.
const auto kLayersKey = QStringLiteral("engine/layers"), kContextKey = QStringLiteral("engine/context");
constexpr int kAutomatic = -1;

int ofModel(const QString& key, const QString& model, int otherwise) {
    return QSettings().value(key).toMap().value(model, otherwise).toInt();
}

void setOfModel(const QString& key, const QString& model, int value, int otherwise) {
    QSettings settings;
    QVariantMap all = settings.value(key).toMap();
    if (value == otherwise)
        all.remove(model);
    else
        all[model] = value;
    settings.setValue(key, all);
}
} // namespace

QString chosenDevice() { return QSettings().value(kKey).toString(); }

void chooseDevice(const QString& id) { QSettings().setValue(kKey, id); }

int chosenLayers(const QString& model) { return ofModel(kLayersKey, model, kAutomatic); }

void chooseLayers(const QString& model, int layers) { setOfModel(kLayersKey, model, layers, kAutomatic); }

int chosenContext(const QString& model) { return ofModel(kContextKey, model, 0); }

void chooseContext(const QString& model, int tokens) { setOfModel(kContextKey, model, tokens, 0); }

QJsonObject withDevice(QJsonObject params) {
    if (const QString device = chosenDevice(); !device.isEmpty()) params["device"] = device;
    if (const int layers = chosenLayers(params["model"].toString()); layers != kAutomatic) params["gpuLayers"] = layers;
    if (const int context = chosenContext(params["model"].toString()); context > 0) params["contextLength"] = context;
    return params;
}

} // namespace nibble::gui
