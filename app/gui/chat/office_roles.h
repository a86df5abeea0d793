// Instructions for the model (system prompts) that suit what is done in an office.
#pragma once

#include <QList>
#include <QString>

namespace nibble::gui {

struct OfficeRole {
    QString name, instructions;
};

/// The first one: no instructions. In the language of the window, so that the model answers in it.
QList<OfficeRole> officeRoles();

} // namespace nibble::gui
