// A comparison as a page for people.
#pragma once

#include <nibble/compare.h>
#include <string>

namespace nibble {

/// One HTML page that needs nothing else: no scripts, no network, light and dark, pictures as SVG with the same figures
/// in tables. All texts of models are escaped.
std::string reportPage(const CompareReport& report);

/// `text` with the characters that HTML gives a meaning escaped.
std::string escapedHtml(std::string_view text);

} // namespace nibble
