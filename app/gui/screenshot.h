#pragma once

#include "app.h"

namespace nibble::gui {

/// Saves a picture of the window to `file` once the engine has nothing left to answer and a moment has passed; then
/// quits.
void saveWhenSettled(App& app, QQmlApplicationEngine& engine, const QString& file);

} // namespace nibble::gui
