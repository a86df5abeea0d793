// The engine process: the verbs of protocol.h over two streams.
#pragma once

#include <cstdio>

namespace nibble {

/// Reads requests from `in` and answers on `out` until `in` ends. Returns the process's exit code.
int serveEngine(std::FILE* in, std::FILE* out);
/// "0.1.0"
const char* versionString();

} // namespace nibble
