// What an architecture's refine() may call.
#pragma once

#include <models/architecture.h>

namespace nibble {

/// Sets LayerPlan::window from attention.sliding_window and attention.sliding_window_pattern (one boolean per layer, or
/// a period n: all but every n-th layer are windowed). Without a pattern all layers are, unless `needsPattern`.
void readWindows(const ModelSource& source, ModelPlan& plan, bool needsPattern);

} // namespace nibble
