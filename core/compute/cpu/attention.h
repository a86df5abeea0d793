// Attention over many heads, rows and keys: how the work is cut into tiles and how their results are put together.
#pragma once

#include <base/thread_pool.h>
#include <compute/cpu/kernels.h>

namespace nibble {

/// Scratch of one call, as planned in layout.h.
struct AttentionScratch {
    float* states = nullptr;         // threads * kMaxParts states
    float* const* workers = nullptr; // per worker attentionTileFloats()
};

/// out (rows, nHeads * valueDim) for `rows` rows of the job. sinks: a logit per head, or null.
void runAttention(const Kernels& kernels, ThreadPool& pool, const AttentionJob& job, int rows, const float* sinks,
                  float* out, int64_t outStride, const AttentionScratch& scratch);

} // namespace nibble
