// The command line of the window.
#pragma once

#include <QString>
#include <QStringList>

namespace nibble::gui {

struct Options {
    QString model;        // chosen at start
    QString page;         // "" = models
    QString with;         // on the Compare page: the smaller model beside `model`
    QString ask;          // asked at once, on the Chat or Compare page
    QString screenshot;   // save the window there once it has settled, then quit
    QString theme;        // "light", "dark" or "" = as set
    double textScale = 0; // 0 = as set
    bool demo = false;    // the scripted engine instead of the real one
    bool selfCheck = false;
};

/// Prints help or a mistake and ends the process where the arguments ask for it.
Options parseOptions(const QStringList& arguments);

/// --self-check: prints, in plain words, whether the window and the engine can start here. Returns the exit code.
int selfCheck();

} // namespace nibble::gui
