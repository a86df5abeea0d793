// Gated delta net on the CPU (Yang et al. 2024, as Qwen3.5 uses it): a short causal convolution over the channels of
// q, k and v, then for each value head a matrix of keyDim x valueDim that is read and corrected once per token.
#pragma once

#include <base/thread_pool.h>
#include <compute/backend.h>

namespace nibble {

struct Kernels;

/// One value head over a batch: rows of q, k, v (stride apart), and of each token what the state is multiplied with
/// and how much of the correction it takes. q and k are not normalized yet.
struct DeltaNetHead {
    int keyDim = 0, valueDim = 0;
    int64_t tokens = 0, stride = 0, gateStride = 0, outStride = 0;
    const float *q = nullptr, *k = nullptr, *v = nullptr;
    const float *decay = nullptr, *beta = nullptr;
    float* out = nullptr;
};

constexpr float kDeltaNetEps = 1e-6f; // of the L2 norms of q and k

/// One token of the columns from `column` on, one by one: the reference, and what vectors leave over.
void deltaNetRest(const DeltaNetHead& head, int64_t token, int column, float* state);

/// Where the operands of one call lie.
struct DeltaNetJob {
    const DeltaNetSpec* spec = nullptr;
    const float *taps = nullptr, *decay = nullptr, *step = nullptr; // DeltaNetWeights
    float* state = nullptr;
    int64_t tokens = 0;
    float *qkv = nullptr, *alpha = nullptr, *beta = nullptr, *out = nullptr;
    int64_t qkvStride = 0, gateStride = 0, outStride = 0; // gateStride: of alpha and beta
};
void runDeltaNet(const Kernels& kernels, ThreadPool& pool, const DeltaNetJob& job);

} // namespace nibble
