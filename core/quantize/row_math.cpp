#include <quantize/row_math.h>

#include <base/avx2_clone.h>

namespace nibble {

NIBBLE_AVX2_CLONE void subtract(float* to, const float* from, float factor, int64_t n) {
    for (int64_t i = 0; i < n; ++i) to[i] -= factor * from[i];
}

} // namespace nibble
