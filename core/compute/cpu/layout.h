// Sizes of everything the CPU backend holds, and the work of its operations, in one place: the backend allocates what
// this says and the dry backend only adds it up.
#pragma once

#include <compute/backend.h>
#include <compute/cpu/pack.h>
#include <vector>

namespace nibble {

/// How a weight is kept.
enum class WeightForm : uint8_t {
    Packed, // quantized, in panels of eight rows
    Rows,   // rows in the file's format, contiguous: float matrices, and embeddings of any format
    Vector, // f32
};

struct WeightPlan {
    WeightForm form = WeightForm::Rows;
    FormatId format = FormatId::F32;
    int64_t rows = 0, cols = 0;
    int64_t planes = 1;      // experts
    bool mapped = false;     // rows are used where they lie
    bool fileRows = false;   // mapped, and read so rarely that they count as no memory
    PackedLayout packed;     // of form Packed, of one plane
    uint64_t planeBytes = 0; // of one plane; planes follow each other where they are not mapped
    uint64_t bytes = 0;      // allocated, or mapped
    bool quantized() const { return nibble::format(format).codeBits > 0; }
};
/// Looks at shapes only, never at the data.
WeightPlan planWeight(const WeightRows& rows, WeightUse use);

/// One layer's KV cache: per head `capacity` rows of keyBytes, then the same of valueBytes.
struct KvPlan {
    KvSpec spec;
    uint64_t keyBytes = 0, valueBytes = 0; // of one head at one position
    uint64_t valuesAt = 0, bytes = 0;      // offset of the values, total
};
KvPlan planKv(const KvSpec& spec);

// Attention works in tiles of at most kTileQueries query vectors (rows x heads sharing a KV head) and kTileKeys keys. A
// short batch is split over its keys, too, into at most kMaxParts parts a worker, whose states are merged.
constexpr int kTileQueries = 48, kTileKeys = 64, kMaxParts = 8;
/// Whole vectors of eight.
inline int paddedDim(int dim) { return (dim + 7) / 8 * 8; }
/// Floats of one state: per query its maximum, sum and values.
inline int64_t attentionStateFloats(int valueDim) { return int64_t(kTileQueries) * (paddedDim(valueDim) + 2); }
/// Floats a worker needs beside the state: a tile's queries, keys, values and scores.
inline int64_t attentionTileFloats(int keyDim, int valueDim) {
    return int64_t(kTileQueries + kTileKeys + 8) * paddedDim(keyDim) + int64_t(kTileKeys) * paddedDim(valueDim) +
           int64_t(kTileQueries) * kTileKeys;
}

// Products of many rows unpack kTileRows weight rows x at most kTileCols columns and use them for kTileTokens tokens.
constexpr int kTileRows = 16, kTileCols = 768, kTileTokens = 64;
/// Bytes a worker needs for it: codes as 16 bit, the factors of 16-column groups, results.
constexpr uint64_t kMatmulScratch = uint64_t(kTileRows) * kTileCols * 2 +
                                    uint64_t(kTileRows) * (kTileCols / 16) * 3 * 4 +
                                    uint64_t(kTileRows) * kTileTokens * 4;

/// A router's results for one batch: four numbers a slot, and where each expert's slots begin.
inline uint64_t routerWords(const RouterSpec& spec, int64_t maxRows) {
    return 4 * uint64_t(maxRows) * uint64_t(spec.used) + uint64_t(spec.experts) + 1;
}

/// A layer's recurrent state, and the one that is set aside.
uint64_t stateBytes(const DeltaNetSpec& spec);

struct ScratchPlan {
    int64_t maxRows = 0;
    int64_t quantizedCols = 0;        // most values a token that a quantized product takes in, of all terms
    int keyDim = 0, valueDim = 0;     // widest head
    uint64_t workerFloats = 0;        // per worker: the larger of attention's and matmul's needs
    uint64_t stateFloats = 0;         // attention states, all workers
    std::vector<uint64_t> ropeFloats; // cos and sin per rope
    std::vector<uint64_t> routerWords;
    uint64_t bytes(int threads) const;
};

/// Everything added to a backend so far.
class CpuLayout {
public:
    explicit CpuLayout(int threads, InputTerms terms = InputTerms::One) : m_threads(threads), m_terms(int(terms)) {}

    WeightId addWeight(const WeightPlan& plan);
    BufferId addBuffer(int64_t rows, int64_t cols);
    KvId addKv(const KvPlan& plan);
    RopeId addRope(const RopeSpec& spec);
    RouterId addRouter(const RouterSpec& spec);
    StateId addState(const DeltaNetSpec& spec);
    const ScratchPlan& prepare(int32_t maxRows);

    int threads() const { return m_threads; }
    int terms() const { return m_terms; }
    const WeightPlan& weight(WeightId id) const { return m_weights[std::size_t(id.index)]; }
    const KvPlan& kv(KvId id) const { return m_kvs[std::size_t(id.index)]; }
    int64_t bufferRows(BufferId id) const { return m_buffers[std::size_t(id.index)].rows; }
    int64_t bufferCols(BufferId id) const { return m_buffers[std::size_t(id.index)].cols; }
    const RopeSpec& rope(RopeId id) const { return m_ropes[std::size_t(id.index)]; }
    const DeltaNetSpec& state(StateId id) const { return m_states[std::size_t(id.index)]; }
    const RouterSpec& router(RouterId id) const { return m_routers[std::size_t(id.index)]; }
    const ScratchPlan& scratch() const { return m_scratch; }
    uint64_t bufferBytes(BufferId id) const;
    /// What a backend that allocates as planned holds.
    MemoryUse memory() const;

    // The work of the operations.
    void begin(int32_t pos0) { m_pos0 = pos0; }
    int32_t pos0() const { return m_pos0; }
    void countEmbed(WeightId table, int64_t tokens);
    void countElementwise(View view, double macsPerValue);
    void countMatmul(View in, std::span<const Product> products);
    /// `experts` of them are read.
    void countExpertMatmul(std::span<const Product> products, double experts);
    void countWriteKv(KvId kv, View k);
    void countAttention(const AttentionSpec& spec, View q, KvId kv);
    void countDeltaNet(StateId state, View qkv);
    const Work& work() const { return m_work; }
    void resetWork() { m_work = {}; }

private:
    struct Buffer {
        int64_t rows, cols;
    };
    int m_threads, m_terms;
    std::vector<WeightPlan> m_weights;
    std::vector<Buffer> m_buffers;
    std::vector<KvPlan> m_kvs;
    std::vector<RopeSpec> m_ropes;
    std::vector<RouterSpec> m_routers;
    std::vector<DeltaNetSpec> m_states;
    ScratchPlan m_scratch;
    int32_t m_pos0 = 0;
    Work m_work;
};

} // namespace nibble
