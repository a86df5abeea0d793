// Gated delta nets on Vulkan: the short convolution, then the recurrence. A batch at position 0 begins with nothing:
// the kernels see that in the step buffer, so that a recorded step stays the same.
#include <algorithm>
#include <bit>
#include <cassert>
#include <compute/vulkan/vulkan_backend.h>

namespace nibble {

namespace {

// Of the kernels: channels a workgroup, and floats of queries and keys in shared memory.
constexpr uint32_t kChannels = 64, kSharedFloats = 1024;

/// Tokens whose queries and keys lie in shared memory at once.
uint32_t tokensAtOnce(uint32_t keyDim) { return std::clamp(std::bit_floor(kSharedFloats / keyDim), 1u, 8u); }

/// Columns of a state that a workgroup of delta_net.comp has.
uint32_t columnsOf(uint32_t keyDim) { return keyDim > 256 ? 4 : keyDim > 128 ? 8 : 16; }

} // namespace

void VulkanBackend::deltaNet(StateId id, const DeltaNetWeights& weights, View qkv, View alpha, View beta, View out) {
    m_layout.countDeltaNet(id, qkv);
    struct ConvPush {
        uint32_t first, stride, channels, rows, row0;
    };
    struct Push {
        uint32_t qkvFirst, qkvStride, alphaFirst, betaFirst, gateStride, outFirst, outStride;
        uint32_t keyHeads, valueDim, rows, row0;
    };
    const DeltaNetSpec& spec = m_layout.state(id);
    const StateRanges& state = m_states[std::size_t(id.index)].now;
    const GpuRows inputs = targetOf(qkv), a = rowsOf(alpha), b = rowsOf(beta), to = targetOf(out);
    const auto channels = uint32_t(spec.channels()), taps = uint32_t(spec.taps), row0 = uint32_t(qkv.row0);
    const auto keyDim = uint32_t(spec.keyDim), valueDim = uint32_t(spec.valueDim);
    assert(inputs.stride >= channels && a.stride == b.stride && a.rows == inputs.rows && to.rows == inputs.rows);
    Recorder& r = recorder(qkv.rows);
    r.dispatch("delta_conv", std::array{taps},
               std::array{inputs.range, vectorOf(weights.taps), m_step, state.history, inputs.range, state.history},
               ConvPush{inputs.first, inputs.stride, channels, inputs.rows, row0},
               {groupsOf(channels, kChannels), 1, 1}, double(inputs.rows) * channels * taps);
    r.dispatch("delta_net", std::array{keyDim, tokensAtOnce(keyDim)},
               std::array{inputs.range, a.range, b.range, vectorOf(weights.decay), vectorOf(weights.step), m_step,
                          state.matrices, to.range, state.matrices},
               Push{inputs.first, inputs.stride, a.first, b.first, a.stride, to.first, to.stride,
                    uint32_t(spec.nKeyHeads), valueDim, inputs.rows, row0},
               {groupsOf(valueDim, columnsOf(keyDim)), uint32_t(spec.nValueHeads), 1},
               3.0 * inputs.rows * double(spec.matrixFloats()));
}

void VulkanBackend::copyStates(StateRanges State::*from, StateRanges State::*to) {
    if (m_states.empty()) return;
    begin(0);
    m_recorder.begin(false); // whatever its first operation is: the step that is kept stays
    m_started = true;
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        const DeltaNetSpec& spec = m_layout.state({int32_t(i)});
        const auto copy = [&](Range StateRanges::*part, int64_t rows, int64_t cols) {
            if (rows == 0) return;
            const auto stride = uint32_t(cols), count = uint32_t(rows);
            recordCopy({m_states[i].*from.*part, 0, stride, count}, 0, {m_states[i].*to.*part, 0, stride, count});
        };
        copy(&StateRanges::history, spec.taps - 1, spec.channels());
        copy(&StateRanges::matrices, int64_t(spec.nValueHeads) * spec.keyDim, spec.valueDim);
    }
    finish();
}

} // namespace nibble
