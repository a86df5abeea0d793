// Counts what this test program allocates.
#pragma once

#include <cstddef>

namespace nibble::test {

/// Calls of operator new so far.
std::size_t allocations();

} // namespace nibble::test
