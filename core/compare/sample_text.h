// The text that comes with Nibble.
#pragma once

#include <string_view>

namespace nibble {

/// resources/texts/measure.txt, part of the program. Written for Nibble, so that no model has seen it in training.
std::string_view sampleText();

} // namespace nibble
