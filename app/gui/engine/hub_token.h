// The access token of who has signed in at a hub, in a file that only this user can read.
#pragma once

#include <QString>

namespace nibble::gui {

/// That of the hub with this address, which no other hub is sent; empty where none is kept.
QString hubToken(const QString& hub);
/// Keeps it instead of any other, or, empty, forgets the one that is kept. Says in plain words what went wrong, or
/// nothing.
QString keepHubToken(const QString& hub, const QString& token);

} // namespace nibble::gui
