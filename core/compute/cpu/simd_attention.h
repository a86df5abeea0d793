// Attention of one tile, written once over the vector operations of simd_x86.h or simd_neon.h: keys and values are made
// f32 kTileKeys at a time and used for all queries of the tile; scores exist for one such block only (online softmax).
//
// Many queries: keys are transposed, and both products are small matrix products (multiplyBlock). One row: its few
// heads are multiplied with each key as it is read.
#pragma once

#include <algorithm>
#include <compute/cpu/kernels.h>
#include <compute/cpu/simd_float.h>
#include <limits>

namespace nibble {

namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();

void storeKv(KvFormat format, const float* x, int dim, std::byte* out) {
    if (format != KvFormat::F16) return scalarKernels().storeKv(format, x, dim, out);
    const Floats largest = broadcast(65504), smallest = broadcast(-65504);
    int i = 0;
    for (; i + 8 <= dim; i += 8) storeF16(out + i * 2, larger(smaller(load(x + i), largest), smallest));
    for (; i < dim; ++i) {
        const uint16_t h = floatToHalf(std::clamp(x[i], -65504.0f, 65504.0f));
        std::memcpy(out + i * 2, &h, 2);
    }
}

/// A key or value as paddedDim(dim) floats, zeros at the end.
inline void loadKvRow(KvFormat format, const std::byte* row, int dim, float* out) {
    int i = 0;
    if (format == KvFormat::F16) {
        for (; i + 8 <= dim; i += 8) store(out + i, loadF16(row + i * 2));
        if (i == dim) return;
        store(out + i, zeroFloats());
        for (; i < dim; ++i) {
            uint16_t h;
            std::memcpy(&h, row + i * 2, 2);
            out[i] = halfToFloat(h);
        }
        return;
    }
    if (format == KvFormat::F32) {
        std::memcpy(out, row, std::size_t(dim) * sizeof(float));
        std::fill(out + dim, out + paddedDim(dim), 0.0f);
        return;
    }
    for (; i < dim; i += 8) { // blocks of 32 are padded with zeros
        const std::byte* block = row + i / 32 * 34;
        uint16_t d;
        std::memcpy(&d, block, 2);
        store(out + i, times(broadcast(halfToFloat(d)), loadI8(block + 2 + i % 32)));
    }
}

/// Floats or TileFloats.
template<class Vector>
inline Vector loadAs(const float* p) {
    if constexpr (sizeof(Vector) == sizeof(Floats))
        return load(p);
    else
        return loadTile(p);
}
template<class Vector>
inline Vector broadcastAs(float x) {
    if constexpr (sizeof(Vector) == sizeof(Floats))
        return broadcast(x);
    else
        return broadcastTile(x);
}

/// c (kRows, kVectors vectors) of row stride ldc (+)= a (kRows, n) * b (n, kVectors vectors).
template<class Vector, int kRows, int kVectors, bool kAdd>
inline void multiplyBlock(const float* a, int64_t lda, const float* b, int64_t ldb, int n, float* c, int64_t ldc) {
    constexpr int kWidth = sizeof(Vector) / sizeof(float);
    Vector sums[kRows][kVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            sums[r][v] = kAdd ? loadAs<Vector>(c + r * ldc + v * kWidth) : broadcastAs<Vector>(0);
    for (int k = 0; k < n; ++k) {
        Vector right[kVectors];
        for (int v = 0; v < kVectors; ++v) right[v] = loadAs<Vector>(b + k * ldb + v * kWidth);
        for (int r = 0; r < kRows; ++r) {
            const Vector left = broadcastAs<Vector>(a[r * lda + k]);
            for (int v = 0; v < kVectors; ++v) sums[r][v] = multiplyAdd(left, right[v], sums[r][v]);
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v) store(c + r * ldc + v * kWidth, sums[r][v]);
}

/// c (rows, cols) (+)= a (rows, n) * b (n, cols); cols is a multiple of 8.
template<bool kAdd>
void multiplyMatrices(const float* a, int64_t lda, const float* b, int64_t ldb, int n, float* c, int64_t ldc, int rows,
                      int cols) {
    int col = 0;
    const auto strips = [&]<class Vector, int kVectors>() {
        constexpr int kWidth = kVectors * sizeof(Vector) / sizeof(float);
        for (; col + kWidth <= cols; col += kWidth) {
            int r = 0;
            const auto blocks = [&]<int kRows>() {
                for (; r + kRows <= rows; r += kRows)
                    multiplyBlock<Vector, kRows, kVectors, kAdd>(a + r * lda, lda, b + col, ldb, n, c + r * ldc + col,
                                                                 ldc);
            };
            blocks.template operator()<6>();
            blocks.template operator()<3>();
            blocks.template operator()<1>();
        }
    };
    strips.template operator()<TileFloats, 2>();
    strips.template operator()<TileFloats, 1>();
    strips.template operator()<Floats, 1>();
}

/// One tile's work on a block of keys.
class TileAttention {
public:
    TileAttention(const AttentionJob& job, const AttentionTile& tile, const AttentionState& state, float* scratch)
        : m_job(job), m_tile(tile), m_state(state), m_keyDim(paddedDim(job.spec->keyDim)),
          m_valueDim(paddedDim(job.spec->valueDim)), m_queries(scratch), m_keys(m_queries + kTileQueries * m_keyDim),
          m_values(m_keys + kTileKeys * m_keyDim), m_scores(m_values + kTileKeys * m_valueDim),
          m_rows(m_scores + kTileQueries * kTileKeys) {}

    void run() {
        const int n = m_tile.queries();
        loadQueries();
        std::fill_n(m_state.max, n, kNothing);
        std::fill_n(m_state.sum, n, 0.0f);
        std::fill_n(m_state.values, n * m_valueDim, 0.0f);
        for (int32_t key = m_tile.key0; key < m_tile.key1; key += kTileKeys) {
            const int keys = int(std::min<int32_t>(kTileKeys, m_tile.key1 - key));
            if (n <= kFewQueries)
                scoreFew(key, keys);
            else
                scoreMany(key, keys);
            for (int i = 0; i < n; ++i) softmax(i, key, keys);
            for (int k = 0; k < keys; ++k)
                loadKvRow(format(), m_job.value(m_tile.kvHead, key + k), m_job.spec->valueDim,
                          m_values + k * m_valueDim);
            multiplyMatrices<true>(m_scores, kTileKeys, m_values, m_valueDim, keys, m_state.values, m_valueDim, n,
                                   m_valueDim);
        }
    }

private:
    static constexpr int kFewQueries = 4; // for which transposing the keys would cost more than it saves

    KvFormat format() const { return m_job.kv->spec.format; }

    void loadQueries() {
        const AttentionSpec& spec = *m_job.spec;
        for (int i = 0; i < m_tile.queries(); ++i) {
            const int row = m_tile.row0 + i / m_tile.heads, head = m_tile.head0 + i % m_tile.heads;
            const float* q = m_job.q + row * m_job.qStride + int64_t(head) * spec.keyDim;
            float* to = m_queries + i * m_keyDim;
            std::fill_n(to, m_keyDim, 0.0f);
            for (int d = 0; d < spec.keyDim; ++d) to[d] = q[d] * spec.scale;
        }
    }

    void scoreMany(int32_t key, int keys) {
        for (int k = 0; k < keys; k += 8) {
            for (int j = 0; j < 8; ++j)
                if (k + j < keys)
                    loadKvRow(format(), m_job.key(m_tile.kvHead, key + k + j), m_job.spec->keyDim,
                              m_rows + j * m_keyDim);
                else
                    std::fill_n(m_rows + j * m_keyDim, m_keyDim, 0.0f);
            for (int d = 0; d < m_keyDim; d += 8) {
                Floats v[8];
                for (int j = 0; j < 8; ++j) v[j] = load(m_rows + j * m_keyDim + d);
                storeTransposed(v, m_keys + d * kTileKeys + k, kTileKeys);
            }
        }
        multiplyMatrices<false>(m_queries, m_keyDim, m_keys, kTileKeys, m_keyDim, m_scores, kTileKeys, m_tile.queries(),
                                (keys + 7) / 8 * 8);
    }

    template<int kQueries>
    void scoreKey(const float* key, int k) {
        Floats sums[kQueries];
        for (Floats& s : sums) s = zeroFloats();
        for (int d = 0; d < m_keyDim; d += 8) {
            const Floats v = load(key + d);
            for (int i = 0; i < kQueries; ++i) sums[i] = multiplyAdd(load(m_queries + i * m_keyDim + d), v, sums[i]);
        }
        for (int i = 0; i < kQueries; ++i) m_scores[i * kTileKeys + k] = sumOf(sums[i]);
    }

    void scoreFew(int32_t key, int keys) {
        for (int k = 0; k < keys; ++k) {
            loadKvRow(format(), m_job.key(m_tile.kvHead, key + k), m_job.spec->keyDim, m_keys);
            switch (m_tile.queries()) {
            case 1:
                scoreKey<1>(m_keys, k);
                break;
            case 2:
                scoreKey<2>(m_keys, k);
                break;
            case 3:
                scoreKey<3>(m_keys, k);
                break;
            default:
                scoreKey<4>(m_keys, k);
                break;
            }
        }
    }

    /// Turns query i's scores of the block into weights, and scales down what it has where they raise its maximum.
    void softmax(int i, int32_t key, int keys) {
        const AttentionSpec& spec = *m_job.spec;
        const int row = m_tile.row0 + i / m_tile.heads, padded = (keys + 7) / 8 * 8;
        float* scores = m_scores + i * kTileKeys;
        if (spec.softcap > 0)
            for (int k = 0; k < padded; k += 8) store(scores + k, softcapped(load(scores + k), spec.softcap));
        const int from = std::clamp(m_job.firstKey(row) - key, 0, keys);
        const int to = std::clamp(m_job.pos0 + row + 1 - key, from, keys);
        std::fill(scores, scores + from, kNothing);
        std::fill(scores + to, scores + padded, kNothing);

        Floats largest = broadcast(m_state.max[i]);
        for (int k = 0; k < padded; k += 8) largest = larger(largest, load(scores + k));
        const float max = largestOf(largest);
        if (max == kNothing) return std::fill(scores, scores + padded, 0.0f);
        Floats sums = zeroFloats();
        for (int k = 0; k < padded; k += 8) {
            const Floats weight = exponential(minus(load(scores + k), broadcast(max)));
            sums = plus(sums, weight);
            store(scores + k, weight);
        }
        if (max > m_state.max[i]) {
            const float keep = std::exp(m_state.max[i] - max);
            m_state.sum[i] *= keep;
            float* values = m_state.values + i * m_valueDim;
            for (int d = 0; d < m_valueDim; d += 8) store(values + d, times(load(values + d), broadcast(keep)));
            m_state.max[i] = max;
        }
        m_state.sum[i] += sumOf(sums);
    }

    const AttentionJob& m_job;
    const AttentionTile& m_tile;
    const AttentionState& m_state;
    const int m_keyDim, m_valueDim; // padded
    float* const m_queries;         // (kTileQueries, keyDim), scaled
    float* const m_keys;            // (keyDim, kTileKeys)
    float* const m_values;          // (kTileKeys, valueDim)
    float* const m_scores;          // (kTileQueries, kTileKeys)
    float* const m_rows;            // (8, keyDim)
};

void attend(const AttentionJob& job, const AttentionTile& tile, const AttentionState& state, float* scratch) {
    TileAttention(job, tile, state, scratch).run();
}

} // namespace

} // namespace nibble
