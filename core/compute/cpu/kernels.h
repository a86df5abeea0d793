// The CPU's kernels: one table of functions per instruction set. scalar.cpp is the reference; the others must agree
// with it to rounding. None allocates, none knows threads.
#pragma once

#include <compute/backend.h>
#include <compute/cpu/delta_net.h>
#include <compute/cpu/layout.h>

namespace nibble {

/// Rows in the order in which a product takes them: its row i lies at place order[i], or i where there is no order.
struct RowOrder {
    const int32_t* order = nullptr;
    int64_t at(int64_t row) const { return order ? order[row] : row; }
};

/// Activations for integer products: codes of 8 bit with one scale per 32 columns, x ~ scale * q, q in -127..127, and
/// the sums of what the codes stand for (scale * sum of q), by which offsets and mins of the weights are multiplied.
/// With two terms a row is two lines, one behind the other, whose sum is x: products take them as if they were tokens
/// and add their results.
struct QuantizedRows {
    int64_t cols = 0;
    int8_t* codes = nullptr; // (rows * terms, cols)
    float* scales = nullptr; // (rows * terms, cols / 32)
    float* sums32 = nullptr; // (rows * terms, cols / 32)
    float* sums16 = nullptr; // (rows * terms, cols / 16)
    RowOrder order = {};     // of reading
    int terms = 1;
    /// Of term `line % terms` of the row read as number line / terms.
    const int8_t* codesOf(int64_t line) const { return codes + at(line) * cols; }
    const float* scalesOf(int64_t line) const { return scales + at(line) * (cols / 32); }
    /// Sums of groups of 16 or 32 columns.
    const float* sumsOf(int64_t line, int group) const {
        return group == 16 ? sums16 + at(line) * (cols / 16) : sums32 + at(line) * (cols / 32);
    }

private:
    int64_t at(int64_t line) const { return terms == 1 ? order.at(line) : order.at(line / 2) * 2 + line % 2; }
};

/// What the codes of chunk g of a line leave over of its 32 values.
[[gnu::always_inline]] inline void remainderOf(const float* x, const QuantizedRows& rows, int64_t line, int64_t g,
                                               float* rest) {
    const float scale = rows.scales[line * (rows.cols / 32) + g];
    const int8_t* const codes = rows.codes + line * rows.cols + g * 32;
    for (int i = 0; i < 32; ++i) rest[i] = x[i] - scale * float(codes[i]);
}

/// Activations for products with float weights.
struct InputRows {
    const float* first = nullptr;
    int64_t stride = 0;
    RowOrder order;
    const float* row(int64_t i) const { return first + order.at(i) * stride; }
};

/// Groups of activations that are all smaller than this become zeros: 127 / largest must stay finite.
constexpr float kSmallestQuantized = 1e-30f;

/// Of Activation::SwigluOai.
constexpr float kSwigluLimit = 7, kSwigluSteepness = 1.702f;

/// Where a product goes: out[token][row] = result + bias[row] + residual[token][row].
struct ProductTarget {
    float* out = nullptr;
    int64_t outStride = 0;
    const float* bias = nullptr;     // or null
    const float* residual = nullptr; // or null; may be `out`
    int64_t residualStride = 0;
    RowOrder order; // of the tokens, in out and residual

    float* outOf(int64_t token) const { return out + order.at(token) * outStride; }
    /// Null where there is no residual.
    const float* residualOf(int64_t token) const {
        return residual ? residual + order.at(token) * residualStride : nullptr;
    }
};

struct AttentionJob {
    const AttentionSpec* spec = nullptr;
    const KvPlan* kv = nullptr;
    const std::byte* cache = nullptr;
    const float* q = nullptr; // (rows, nHeads * keyDim), rows qStride apart
    int64_t qStride = 0;
    int32_t pos0 = 0; // position of row 0

    const std::byte* key(int kvHead, int32_t position) const { return cache + slot(kvHead, position) * kv->keyBytes; }
    const std::byte* value(int kvHead, int32_t position) const {
        return cache + kv->valuesAt + slot(kvHead, position) * kv->valueBytes;
    }
    /// First position that row `row` sees.
    int32_t firstKey(int row) const {
        return spec->window > 0 && pos0 + row + 1 > spec->window ? pos0 + row + 1 - spec->window : 0;
    }

private:
    uint64_t slot(int kvHead, int32_t position) const {
        return uint64_t(kvHead) * uint64_t(kv->spec.capacity) + uint64_t(position % kv->spec.capacity);
    }
};

/// Rows [row0, row0 + rows) x heads [head0, head0 + heads), which all share kvHead, at keys [key0, key1).
struct AttentionTile {
    int kvHead = 0, head0 = 0, heads = 0, row0 = 0, rows = 0;
    int32_t key0 = 0, key1 = 0;
    int queries() const { return rows * heads; }
};

/// Softmax so far, per query row * heads + head: the largest score, the sum of exp(score - max), and the values
/// weighted by it.
struct AttentionState {
    float* max = nullptr; // -infinity where no key was visible
    float* sum = nullptr;
    float* values = nullptr; // (queries, paddedDim(valueDim))
};

struct Kernels {
    /// One row of activations, all its terms; cols is a multiple of 32.
    void (*quantizeRow)(const float* x, int64_t row, const QuantizedRows& out);
    /// Rows of panels [begin, end) of a packed weight, for `tokens` rows of x.
    void (*packedProduct)(const PackedLayout& w, const std::byte* packed, int64_t begin, int64_t end,
                          const QuantizedRows& x, int64_t tokens, const ProductTarget& target, float* scratch);
    /// Whether packedProduct() has code of this instruction set for the layout, not the scalar loop.
    bool (*hasPackedProduct)(const PackedLayout& w);
    /// Rows [begin, end) of an F32, F16 or BF16 weight that lie cols values apart, at any alignment.
    void (*floatProduct)(FormatId format, const std::byte* rows, int64_t cols, int64_t begin, int64_t end,
                         const InputRows& x, int64_t tokens, const ProductTarget& target, float* scratch);
    /// out = in / rms(in) * weight; weight may be null.
    void (*rmsNorm)(const float* in, const float* weight, float eps, int64_t n, float* out);
    /// Rotates n pairs of one head.
    void (*rope)(RopeKind kind, float* head, const float* cos, const float* sin, int64_t n);
    /// Encodes one key or value of `dim` values.
    void (*storeKv)(KvFormat format, const float* x, int dim, std::byte* out);
    /// Fills `state` from the tile's keys. scratch: attentionTileFloats().
    void (*attend)(const AttentionJob& job, const AttentionTile& tile, const AttentionState& state, float* scratch);
    void (*gated)(Activation activation, const float* gate, const float* up, float* out, int64_t n);
    void (*add)(const float* a, const float* b, float scale, float* out, int64_t n);
    void (*scale)(float* x, float scale, float cap, int64_t n);
    void (*silu)(float* x, int64_t n); // in place
    /// All tokens of one value head; state is (keyDim, valueDim).
    void (*deltaNet)(const DeltaNetHead& head, float* state);
};

const Kernels& scalarKernels();
/// Null where the build does not have them.
const Kernels* avx2Kernels();
const Kernels* avxVnniKernels();
const Kernels* avx512VnniKernels();
const Kernels* neonKernels();
/// The kernels of a supported level.
const Kernels& kernelsOf(CpuLevel level);

} // namespace nibble
