// What the ways of rounding do with rows of floats. Private to core/quantize.
#pragma once

#include <cstdint>

namespace nibble {

/// to[i] -= factor * from[i], for n of them. The same to the last bit on every processor.
void subtract(float* to, const float* from, float factor, int64_t n);

} // namespace nibble
