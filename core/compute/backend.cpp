#include <cmath>
#include <compute/backend.h>

namespace nibble {

double expectedExperts(const RouterSpec& spec, int64_t tokens) {
    const double experts = spec.experts, leftOut = 1 - spec.used / experts;
    return experts * (1 - std::pow(leftOut, double(tokens)));
}

} // namespace nibble
