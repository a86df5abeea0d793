// The names of TeX's signs, as Unicode has them.
#pragma once

#include <QString>

namespace nibble::gui {

struct FormulaSign {
    /// Binary and Relation stand between two with spaces; Function is a name in upright letters; Skipped is for the eye
    /// of a typesetter only.
    enum class Kind { Letter, Binary, Relation, Function, Skipped } kind;
    QString text;
};

/// Of "alpha", "leq", "sin"; nullptr where the name is none of them.
const FormulaSign* formulaSign(const QString& name);
/// "hat", "bar", "vec" as the combining character; null otherwise.
QChar formulaAccent(const QString& name);
/// Commands whose argument is words: "text", "mathrm", "operatorname".
bool isFormulaText(const QString& name);

} // namespace nibble::gui
