// The names of split models: "NAME-00002-of-00005.gguf".
#pragma once

#include <string>

namespace nibble {

/// The place of "-00002-of-00005.gguf" at the end of a split file's name, or npos.
std::size_t splitSuffix(const std::string& name);
/// How many parts such a file has, by its name.
std::size_t splitParts(const std::string& name);

} // namespace nibble
