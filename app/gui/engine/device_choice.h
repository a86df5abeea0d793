// What models shall run on, remembered in QSettings: for all of them an id of the verb `devices`, or empty for
// automatic, and by model how many layers lie on the graphics card.
#pragma once

#include <QJsonObject>
#include <QString>

namespace nibble::gui {

QString chosenDevice();
void chooseDevice(const QString& id);
/// Layers of a model (by path) on the card; -1: automatic.
int chosenLayers(const QString& model);
void chooseLayers(const QString& model, int layers);
/// The params of load or estimate, with their "model", and the choices.
QJsonObject withDevice(QJsonObject params);

} // namespace nibble::gui
