// Rotary positions from a model's keys. Private to core/models.
#pragma once

#include <models/architecture.h>
#include <models/keys.h>

namespace nibble {

/// The positions of a model's layers, scaled as its keys say (linear, yarn, long rope, Llama 3's factors) for sessions
/// of `contextLength` tokens. plan.layers and plan.contextLength must be known.
RopeSpec readRope(const Keys& keys, const ModelSource& source, const Architecture& architecture, const ModelPlan& plan,
                  int32_t contextLength);

/// Windowed layers get positions of their own, as wide as rope.dimension_count_swa or the others say: base
/// rope.freq_base_swa (`defaultBase` where a file does not say), never scaled.
void addLocalRope(const Keys& keys, double defaultBase, ModelPlan& plan);

} // namespace nibble
