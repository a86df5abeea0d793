#include <cassert>
#include <compute/backend.h>
#include <nibble/error.h>

namespace nibble {

RouterId Backend::addRouter(const RouterSpec&) {
    throw Error(ErrorKind::Unsupported, "Models with experts run on the processor only.", name(),
                "Run the model on the processor.");
}

StateId Backend::addState(const DeltaNetSpec&) {
    throw Error(ErrorKind::Unsupported, "Models with recurrent layers run on the processor only.", name(),
                "Run the model on the processor.");
}

// Without a state it cannot be called.
void Backend::deltaNet(StateId, const DeltaNetWeights&, View, View, View, View) { assert(false); }

// Without a router they cannot be called.
void Backend::route(RouterId, View) { assert(false); }
void Backend::expertMatmul(RouterId, View, std::span<const Product>) { assert(false); }
void Backend::mixExperts(RouterId, View, View) { assert(false); }
// Nor this without a table of FileRows.
void Backend::copyColumns(View, int32_t, View) { assert(false); }

} // namespace nibble
