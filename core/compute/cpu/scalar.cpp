// Plain C++ kernels: what every other level is tested against. Written to be read, not to be fast.
#include <algorithm>
#include <cmath>
#include <compute/cpu/kernels.h>
#include <cstring>
#include <formats/half.h>
#include <limits>

namespace nibble {

namespace {

/// 32 values, chunk g of a line.
void quantizeChunk(const float* x, int64_t line, int64_t g, const QuantizedRows& out) {
    float largest = 0;
    for (int i = 0; i < 32; ++i) largest = std::max(largest, std::fabs(x[i]));
    const float scale = largest / 127, inverse = largest >= kSmallestQuantized ? 127 / largest : 0;
    int sums[2] = {0, 0};
    for (int i = 0; i < 32; ++i) {
        const int q = int(std::nearbyint(x[i] * inverse));
        out.codes[line * out.cols + g * 32 + i] = int8_t(q);
        sums[i / 16] += q;
    }
    const int64_t at = line * (out.cols / 32) + g;
    out.scales[at] = scale;
    out.sums32[at] = scale * float(sums[0] + sums[1]);
    out.sums16[at * 2] = scale * float(sums[0]);
    out.sums16[at * 2 + 1] = scale * float(sums[1]);
}

void quantizeRow(const float* x, int64_t row, const QuantizedRows& out) {
    for (int64_t g = 0; g < out.cols / 32; ++g, x += 32) {
        const int64_t line = row * out.terms;
        quantizeChunk(x, line, g, out);
        if (out.terms == 1) continue;
        float rest[32];
        remainderOf(x, out, line, g, rest);
        quantizeChunk(rest, line + 1, g, out);
    }
}

void store(const ProductTarget& target, int64_t token, int64_t row, float result) {
    if (target.bias) result += target.bias[row];
    if (const float* residual = target.residualOf(token)) result += residual[row];
    target.outOf(token)[row] = result;
}

/// sum over groups of d * scale * xScale * (T[q] . xCodes) - dmin * min * xSum.
float packedDot(const PackedLayout& w, const std::byte* panel, int lane, const QuantizedRows& x, int64_t line) {
    const Format& f = *w.format;
    const int8_t* xCodes = x.codesOf(line);
    const float* xScales = x.scalesOf(line);
    const float* xSums = x.sumsOf(line, f.groupSize);
    uint8_t codes[32];
    float result = 0;
    for (int64_t chunk = 0; chunk < w.cols / 32; ++chunk) {
        unpackCodes(w, panel, lane, chunk, codes);
        for (int begin = 0; begin < 32; begin += f.groupSize) {
            const int64_t column = chunk * 32 + begin, group = column / f.groupSize, block = column / f.blockSize;
            int dot = 0;
            for (int i = 0; i < f.groupSize; ++i) dot += codeValue(f, codes[begin + i]) * xCodes[column + i];
            dot *= groupScale(w, panel, lane, group);
            result += blockScale(w, panel, lane, block) * xScales[chunk] * float(dot);
            if (w.hasMins)
                result -= blockMin(w, panel, lane, block) * float(groupMin(w, panel, lane, group)) * xSums[group];
        }
    }
    return result;
}

void packedProduct(const PackedLayout& w, const std::byte* packed, int64_t begin, int64_t end, const QuantizedRows& x,
                   int64_t tokens, const ProductTarget& target, float*) {
    for (int64_t row = begin * kPanelRows; row < std::min(end * kPanelRows, w.rows); ++row) {
        const std::byte* panel = packed + uint64_t(row / kPanelRows) * w.panelBytes;
        for (int64_t t = 0; t < tokens; ++t) {
            float sum = 0;
            for (int64_t line = t * x.terms; line < (t + 1) * x.terms; ++line)
                sum += packedDot(w, panel, int(row % kPanelRows), x, line);
            store(target, t, row, sum);
        }
    }
}

float floatAt(FormatId format, const std::byte* row, int64_t i) {
    if (format == FormatId::F32) {
        float f;
        std::memcpy(&f, row + i * 4, 4);
        return f;
    }
    uint16_t h;
    std::memcpy(&h, row + i * 2, 2);
    return format == FormatId::F16 ? f16ToF32(h) : bf16ToF32(h);
}

void floatProduct(FormatId format, const std::byte* rows, int64_t cols, int64_t begin, int64_t end, const InputRows& x,
                  int64_t tokens, const ProductTarget& target, float*) {
    const int64_t rowBytes = cols * (format == FormatId::F32 ? 4 : 2);
    for (int64_t row = begin; row < end; ++row)
        for (int64_t t = 0; t < tokens; ++t) {
            double dot = 0;
            for (int64_t i = 0; i < cols; ++i)
                dot += double(floatAt(format, rows + row * rowBytes, i)) * double(x.row(t)[i]);
            store(target, t, row, float(dot));
        }
}

void rmsNorm(const float* in, const float* weight, float eps, int64_t n, float* out) {
    double squares = 0;
    for (int64_t i = 0; i < n; ++i) squares += double(in[i]) * double(in[i]);
    const float factor = float(1 / std::sqrt(squares / double(n) + double(eps)));
    for (int64_t i = 0; i < n; ++i) out[i] = in[i] * factor * (weight ? weight[i] : 1);
}

void rope(RopeKind kind, float* head, const float* cos, const float* sin, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        float& a = head[kind == RopeKind::Norm ? 2 * i : i];
        float& b = head[kind == RopeKind::Norm ? 2 * i + 1 : i + n];
        const float turned = a * cos[i] - b * sin[i];
        b = a * sin[i] + b * cos[i];
        a = turned;
    }
}

/// Q8_0: blocks of f16 d and 32 codes; the last block of an odd dimension is padded with zeros.
void storeKv(KvFormat format, const float* x, int dim, std::byte* out) {
    if (format == KvFormat::F16) {
        for (int i = 0; i < dim; ++i) {
            const uint16_t h = f16Saturate(x[i]);
            std::memcpy(out + i * 2, &h, 2);
        }
        return;
    }
    if (format == KvFormat::F32) {
        std::memcpy(out, x, std::size_t(dim) * sizeof(float));
        return;
    }
    for (int b = 0; b * 32 < dim; ++b, out += 34) {
        const int n = std::min(32, dim - b * 32);
        float largest = 0;
        for (int i = 0; i < n; ++i) largest = std::max(largest, std::fabs(x[b * 32 + i]));
        const uint16_t d = f16Saturate(largest / 127);
        const float inverse = largest >= kSmallestQuantized ? 127 / largest : 0;
        std::memcpy(out, &d, 2);
        for (int i = 0; i < 32; ++i)
            out[2 + i] = std::byte(int8_t(i < n ? std::nearbyint(x[b * 32 + i] * inverse) : 0));
    }
}

float kvAt(KvFormat format, const std::byte* row, int i) {
    uint16_t h;
    if (format == KvFormat::F16) {
        std::memcpy(&h, row + i * 2, 2);
        return f16ToF32(h);
    }
    if (format == KvFormat::F32) {
        float f;
        std::memcpy(&f, row + i * 4, 4);
        return f;
    }
    std::memcpy(&h, row + i / 32 * 34, 2);
    return f16ToF32(h) * float(int8_t(row[i / 32 * 34 + 2 + i % 32]));
}

/// Online softmax: whenever a larger score turns up, what was summed so far is scaled down to it.
void attendQuery(const AttentionJob& job, const AttentionTile& tile, int row, const float* q, float& max, float& sum,
                 float* values) {
    const AttentionSpec& spec = *job.spec;
    const KvFormat format = job.kv->spec.format;
    max = -std::numeric_limits<float>::infinity();
    sum = 0;
    std::fill_n(values, spec.valueDim, 0.0f);
    const int32_t end = std::min(tile.key1, job.pos0 + row + 1);
    for (int32_t p = std::max(tile.key0, job.firstKey(row)); p < end; ++p) {
        const std::byte* key = job.key(tile.kvHead, p);
        const std::byte* value = job.value(tile.kvHead, p);
        float score = 0;
        for (int i = 0; i < spec.keyDim; ++i) score += q[i] * kvAt(format, key, i);
        score *= spec.scale;
        if (spec.softcap > 0) score = spec.softcap * std::tanh(score / spec.softcap);
        const float newMax = std::max(max, score);
        const float keep = std::exp(max - newMax), weight = std::exp(score - newMax);
        for (int i = 0; i < spec.valueDim; ++i) values[i] = values[i] * keep + weight * kvAt(format, value, i);
        sum = sum * keep + weight;
        max = newMax;
    }
}

void attend(const AttentionJob& job, const AttentionTile& tile, const AttentionState& state, float*) {
    for (int r = 0; r < tile.rows; ++r)
        for (int h = 0; h < tile.heads; ++h) {
            const int i = r * tile.heads + h, row = tile.row0 + r;
            const float* q = job.q + row * job.qStride + int64_t(tile.head0 + h) * job.spec->keyDim;
            attendQuery(job, tile, row, q, state.max[i], state.sum[i],
                        state.values + int64_t(i) * paddedDim(job.spec->valueDim));
        }
}

float silu(float x, float steepness) { return x / (1 + std::exp(-steepness * x)); }
float geluTanh(float x) { return 0.5f * x * (1 + std::tanh(0.7978845608f * (x + 0.044715f * x * x * x))); }

void gated(Activation activation, const float* gate, const float* up, float* out, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        if (activation == Activation::Sigmoid)
            out[i] = up[i] / (1 + std::exp(-gate[i]));
        else if (activation == Activation::SwigluOai)
            out[i] = silu(std::min(gate[i], kSwigluLimit), kSwigluSteepness) *
                     (1 + std::clamp(up[i], -kSwigluLimit, kSwigluLimit));
        else
            out[i] = (activation == Activation::Silu ? silu(gate[i], 1) : geluTanh(gate[i])) * up[i];
    }
}

void add(const float* a, const float* b, float scale, float* out, int64_t n) {
    for (int64_t i = 0; i < n; ++i) out[i] = a[i] + scale * b[i];
}

void siluInPlace(float* x, int64_t n) {
    for (int64_t i = 0; i < n; ++i) x[i] = silu(x[i], 1);
}

void deltaNet(const DeltaNetHead& head, float* state) {
    for (int64_t t = 0; t < head.tokens; ++t) deltaNetRest(head, t, 0, state);
}

void scale(float* x, float factor, float cap, int64_t n) {
    for (int64_t i = 0; i < n; ++i) x[i] = cap > 0 ? cap * std::tanh(x[i] * factor / cap) : x[i] * factor;
}

} // namespace

const Kernels& scalarKernels() {
    static constexpr Kernels table = {quantizeRow,  packedProduct, [](const PackedLayout&) { return true; },
                                      floatProduct, rmsNorm,       rope,
                                      storeKv,      attend,        gated,
                                      add,          scale,         siluInPlace,
                                      deltaNet};
    return table;
}

} // namespace nibble
