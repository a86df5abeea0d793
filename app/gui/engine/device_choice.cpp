#include "device_choice.h"

#include <QSettings>

namespace nibble::gui {

namespace {
const auto kKey = QStringLiteral("engine/device");
}

QString chosenDevice() { return QSettings().value(kKey).toString(); }

void chooseDevice(const QString& id) { QSettings().setValue(kKey, id); }

QJsonObject withDevice(QJsonObject params) {
    if (const QString device = chosenDevice(); !device.isEmpty()) params["device"] = device;
    return params;
}

} // namespace nibble::gui
