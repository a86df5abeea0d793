// Models of kinds that Nibble does not run. Private to core/models.
#pragma once

#include <models/model_source.h>

namespace nibble {

/// Throws Error{Unsupported}: the kind, what it would need where that is known, and what can be done with it anyway.
[[noreturn]] void throwUnknownKind(const ModelSource& source, const std::string& architecture);

} // namespace nibble
