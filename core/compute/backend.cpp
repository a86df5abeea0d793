#include <cassert>
#include <cmath>
#include <compute/backend.h>
#include <nibble/error.h>

namespace nibble {

double expectedExperts(const RouterSpec& spec, int64_t tokens) {
    const double experts = spec.experts, leftOut = 1 - spec.used / experts;
    return experts * (1 - std::pow(leftOut, double(tokens)));
}

StateId Backend::addState(const DeltaNetSpec&) {
    throw Error(ErrorKind::Unsupported, "Models with recurrent layers run on the processor only.", name(),
                "Run the model on the processor.");
}

// Without a state it cannot be called.
void Backend::deltaNet(StateId, const DeltaNetWeights&, View, View, View, View) { assert(false); }
// Nor this without a table of FileRows.
void Backend::copyColumns(View, int32_t, View) { assert(false); }
// Nor this without a gated shared expert.
void Backend::dimRows(View, View) { assert(false); }

} // namespace nibble
