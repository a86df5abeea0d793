// Formulas as models write them (a part of TeX), shown with the signs and the raised and lowered letters that text has.
#pragma once

#include <QString>
#include <optional>

namespace nibble::gui {

/// The formula as rich text, safe to show: "x^2" as "<i>x</i><sup>2</sup>", "\frac{a}{b+1}" as "a / (b + 1)".
/// Nothing where it has what text cannot show (a matrix, an unknown command): its source is shown then.
/// `lines`: "\\" begins a new line; without, nothing for such a formula.
std::optional<QString> formulaAsRichText(const QString& tex, bool lines);

/// Text of which neither HTML nor Markdown takes a sign for its own.
QString asEntities(const QString& text);

} // namespace nibble::gui
