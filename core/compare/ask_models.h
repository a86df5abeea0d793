#pragma once

#include <compare/beside.h>
#include <nibble/compare.h>

namespace nibble {

/// askModels() with the order chosen by hand: the tests compare the two.
AskReport askInOrder(const AskOptions& options, MemoryOrder order, const ProgressFn& progress = {},
                     std::stop_token stop = {});

} // namespace nibble
