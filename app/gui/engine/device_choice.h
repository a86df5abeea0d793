// What models shall run on, remembered in QSettings: for all of them an id of the verb `devices`, or empty for
// automatic, and by model how many layers lie on the graphics card and how much conversation it keeps in mind.
#pragma once

#include <QJsonObject>
#include <QString>

namespace nibble::gui {

QString chosenDevice();
void chooseDevice(const QString& id);
/// Layers of a model (by path) on the card; -1: automatic.
int chosenLayers(const QString& model);
void chooseLayers(const QString& model, int layers);
/// Tokens of conversation that a model (by path) keeps in mind; 0: as the engine chooses.
int chosenContext(const QString& model);
void chooseContext(const QString& model, int tokens);
/// The params of load or estimate, with their "model", and the choices.
QJsonObject withDevice(QJsonObject params);

} // namespace nibble::gui
