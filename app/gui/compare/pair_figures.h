#pragma once

#include "models/model_entry.h"
#include "smaller/check_result.h"

namespace nibble::gui {

/// What was measured of the original and one other model. Nothing yet, or why it cannot be: an empty sentence.
struct PairFigures {
    Q_GADGET
    QML_VALUE_TYPE(pairFigures)
    Q_PROPERTY(nibble::gui::CheckResult figures MEMBER figures)
    Q_PROPERTY(nibble::gui::ModelEntry other MEMBER other)
    Q_PROPERTY(QString problem MEMBER problem)
    Q_PROPERTY(bool oneAfterTheOther MEMBER oneAfterTheOther)

public:
    CheckResult figures;
    ModelEntry other;
    QString problem; // such as two different vocabularies, in plain words
    bool oneAfterTheOther = false;

    bool isKnown() const { return !figures.sentence.isEmpty() || !problem.isEmpty(); }
};

} // namespace nibble::gui
