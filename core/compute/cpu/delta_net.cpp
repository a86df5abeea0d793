#include <algorithm>
#include <cmath>
#include <compute/cpu/delta_net.h>
#include <compute/cpu/kernels.h>

namespace nibble {
namespace {

/// x = silu(sum of the last taps inputs times their weights) for channels [begin, end), token after token.
void convolve(const Kernels& kernels, const DeltaNetJob& job, int64_t begin, int64_t end) {
    const int64_t channels = job.spec->channels(), old = job.spec->taps - 1;
    for (int64_t t = 0; t < job.tokens; ++t) {
        float* x = job.qkv + t * job.qkvStride;
        for (int64_t c = begin; c < end; ++c) {
            const float* taps = job.taps + c * (old + 1);
            float sum = taps[old] * x[c];
            for (int64_t i = 0; i < old; ++i) sum += taps[i] * job.state[i * channels + c];
            for (int64_t i = 0; i + 1 < old; ++i) job.state[i * channels + c] = job.state[(i + 1) * channels + c];
            if (old > 0) job.state[(old - 1) * channels + c] = x[c];
            x[c] = sum;
        }
        kernels.silu(x + begin, end - begin);
    }
}

float softplus(float x) { return x > 20 ? x : std::log1p(std::exp(x)); }

void runHead(const Kernels& kernels, const DeltaNetJob& job, int64_t h) {
    const DeltaNetSpec& spec = *job.spec;
    for (int64_t t = 0; t < job.tokens; ++t) {
        float &alpha = job.alpha[t * job.gateStride + h], &beta = job.beta[t * job.gateStride + h];
        alpha = std::exp(job.decay[h] * softplus(alpha + job.step[h]));
        beta = 1 / (1 + std::exp(-beta));
    }
    const int64_t keyHead = h % spec.nKeyHeads, keys = int64_t(spec.nKeyHeads) * spec.keyDim;
    DeltaNetHead head;
    head.keyDim = spec.keyDim;
    head.valueDim = spec.valueDim;
    head.tokens = job.tokens;
    head.stride = job.qkvStride;
    head.gateStride = job.gateStride;
    head.outStride = job.outStride;
    head.q = job.qkv + keyHead * spec.keyDim;
    head.k = head.q + keys;
    head.v = job.qkv + 2 * keys + h * spec.valueDim;
    head.decay = job.alpha + h;
    head.beta = job.beta + h;
    head.out = job.out + h * spec.valueDim;
    kernels.deltaNet(head, job.state + spec.historyFloats() + h * spec.keyDim * spec.valueDim);
}

float inverseLength(const float* x, int n) {
    float sum = 0;
    for (int i = 0; i < n; ++i) sum += x[i] * x[i];
    return 1 / std::sqrt(sum + kDeltaNetEps);
}

} // namespace

// With the state S (keyDim, valueDim) as the token finds it, after its decay: change = beta (v - S^T k); S += k
// change^T; out = S^T q.
void deltaNetRest(const DeltaNetHead& head, int64_t token, int column, float* state) {
    const float *q = head.q + token * head.stride, *k = head.k + token * head.stride;
    const float keyScale = inverseLength(k, head.keyDim);
    const float queryScale = inverseLength(q, head.keyDim) / std::sqrt(float(head.keyDim));
    const float decay = head.decay[token * head.gateStride], beta = head.beta[token * head.gateStride];
    for (int j = column; j < head.valueDim; ++j) {
        float known = 0, out = 0;
        for (int i = 0; i < head.keyDim; ++i) {
            float& s = state[int64_t(i) * head.valueDim + j];
            s *= decay;
            known += k[i] * keyScale * s;
        }
        const float change = beta * (head.v[token * head.stride + j] - known);
        for (int i = 0; i < head.keyDim; ++i) {
            float& s = state[int64_t(i) * head.valueDim + j];
            s += k[i] * keyScale * change;
            out += q[i] * queryScale * s;
        }
        head.out[token * head.outStride + j] = out;
    }
}

void runDeltaNet(const Kernels& kernels, ThreadPool& pool, const DeltaNetJob& job) {
    constexpr int64_t kGrainChannels = 256;
    pool.forEach(job.spec->channels(), kGrainChannels,
                 [&](int64_t begin, int64_t end, int) { convolve(kernels, job, begin, end); });
    pool.forEach(job.spec->nValueHeads, 1, [&](int64_t begin, int64_t end, int) {
        for (int64_t h = begin; h < end; ++h) runHead(kernels, job, h);
    });
}

} // namespace nibble
