// What models shall run on, remembered in QSettings: an id of the verb `devices`, or empty for automatic.
#pragma once

#include <QJsonObject>
#include <QString>

namespace nibble::gui {

QString chosenDevice();
void chooseDevice(const QString& id);
/// The params of load or estimate with the choice.
QJsonObject withDevice(QJsonObject params);

} // namespace nibble::gui
