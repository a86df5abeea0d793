#include <cmath>
#include <compute/backend.h>

namespace nibble {

double expectedExperts(const RouterSpec& spec, int64_t tokens) {
    const double experts = spec.experts, leftOut = 1 - spec.used / experts;
    return experts * (1 - std::pow(leftOut, double(tokens)));
}

int32_t topRows(int64_t cols) {
    int64_t rows = 1;
    while (cols > kTopSegment) {
        const int64_t pieces = (cols + kTopSegment - 1) / kTopSegment;
        rows += pieces;
        cols = pieces * kMostTopValues;
    }
    return int32_t(rows);
}

} // namespace nibble
