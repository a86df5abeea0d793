// A smaller model that was made, what its check found, and whether it is better than the one before.
#pragma once

#include "check_result.h"
#include "engine/engine_interface.h"

namespace nibble::gui {

struct MadeModel {
    QJsonObject asked; // of `quantize` in protocol.h
    QString path;
    double bytes = 0;
    QString in;         // "4 seconds"
    QJsonObject report; // of `compare`, that `check` shows
    CheckResult check;
    EngineError checkError;
    QString passportNote, reportNote; // where the check's figures were written to, or why they were not

    /// Made like `other`, but for some layers with more bits.
    bool isFinerThan(const MadeModel& other) const;
};

/// "It loses 14 % less than the file before: ..."; empty where one of the checks is missing.
QString comparedWith(const MadeModel& before, const MadeModel& now);

} // namespace nibble::gui
