#include <algorithm>
#include <bit>
#include <cassert>
#include <compute/vulkan/products.h>
#include <compute/vulkan/vulkan_layout.h>
#include <nibble/error.h>

namespace nibble {

namespace {

constexpr uint32_t kMaxQueries = 32; // rows x heads of an attention tile
constexpr uint32_t kFewestKeys = 64; // of a part
constexpr uint32_t kMostShares = 8;  // of the keys that invocations look through together
constexpr uint32_t kMostSlices = 4;  // of dimensions or keys
constexpr uint32_t kFewGroups = 16;  // a device that wants no more computes with a few threads: software

uint32_t fours(int dim) { return uint32_t(dim + 3) / 4; }

/// Bytes of a key or value of one head: kvRowWords() of kv.glsl.
uint64_t kvRowBytes(KvFormat format, int dim) {
    if (format == KvFormat::Q8_0) return uint64_t(dim + 31) / 32 * 36;
    return uint64_t(fours(dim)) * (format == KvFormat::F16 ? 8 : 16);
}

/// Shared memory of attention.comp.
uint64_t tileBytes(const AttentionSpec& spec, uint64_t queries, uint64_t keys, bool sliced) {
    const uint64_t k4 = fours(spec.keyDim), v4 = fours(spec.valueDim), q4 = (queries + 3) / 4;
    const uint64_t scores = keys * q4 * (sliced ? 1 + kMostSlices : 1);
    return 16 * (q4 * k4 * 4 + keys * (std::max(k4, v4) + 1) + scores + (2 + kMostShares) * q4);
}

/// Attention states are written only where tiles alone cannot fill the device; so many fit then.
uint64_t mostStates(const VulkanLimits& limits) { return 2 * uint64_t(limits.wantedGroups) * kMaxQueries; }
uint64_t stateBytes(int valueDim) { return uint64_t(fours(valueDim) + 1) * 16; }

void requireRange(const VulkanLimits& limits, uint64_t bytes, const char* what) {
    if (bytes > limits.maxRange)
        throw Error(ErrorKind::Unsupported, "This graphics card cannot address a piece of this model in one go.",
                    std::string(what) + ": " + std::to_string(bytes) + " bytes, at most " +
                        std::to_string(limits.maxRange),
                    "Choose a shorter context, or run the model on the processor.");
}

} // namespace

AttentionTiles cutAttention(const VulkanLimits& limits, const AttentionSpec& spec, int32_t rows, int32_t keys) {
    const auto groupHeads = uint32_t(spec.nHeads / spec.nKvHeads);
    const bool card = limits.wantedGroups > kFewGroups, sliced = rows == 1 && card;
    uint32_t queries = rows == 1 ? std::min(kMaxQueries, std::bit_ceil(groupHeads)) : kMaxQueries;
    AttentionTiles t;
    while (tileBytes(spec, queries, t.keys, sliced) > limits.sharedBytes) {
        if ((queries > kMaxQueries / 2 || t.keys <= 8) && queries > 1)
            queries /= 2;
        else
            t.keys /= 2;
        assert(queries > 0 && "heads fit shared memory");
    }
    t.heads = std::min(groupHeads, queries);
    t.tilesPerGroup = (groupHeads + t.heads - 1) / t.heads;
    t.rows = rows == 1 ? 1 : std::max(1u, queries / t.heads);
    t.rowTiles = (uint32_t(rows) + t.rows - 1) / t.rows;
    const uint32_t tiles = t.rowTiles * t.tilesPerGroup * uint32_t(spec.nKvHeads);
    const uint32_t seen = std::bit_ceil(uint32_t(spec.window > 0 ? std::min(spec.window, keys) : keys));
    if (tiles < limits.wantedGroups)
        t.parts = std::clamp(seen / kFewestKeys, 1u, (limits.wantedGroups + tiles - 1) / tiles);
    // Where there are few scores, each invocation takes one; else several, which share what they load.
    t.lanes = card ? 128 : 8;
    const uint32_t q4 = (t.heads * t.rows + 3) / 4;
    if (sliced) t.slices = std::clamp(std::bit_floor(t.lanes / (q4 * fours(spec.valueDim))), 1u, kMostSlices);
    const uint32_t scores = q4 * t.keys * t.slices;
    t.laneKeys = std::min(std::bit_floor(std::max(1u, scores / t.lanes)), t.keys);
    t.shares = t.lanes / q4 >= kMostShares && t.lanes > 8 ? kMostShares : 1;
    return t;
}

WeightId VulkanLayout::addWeight(const WeightRows& rows, WeightUse use) {
    VulkanWeight w;
    w.format = rows.format;
    w.rows = rows.rows;
    w.cols = rows.cols;
    w.planes = int64_t(rows.planes.size());
    if (use == WeightUse::Vector) {
        w.bytes = uint64_t(rows.rows * rows.cols) * sizeof(float);
    } else if (use == WeightUse::FileRows) {
        w.fileRows = true;
        w.bytes = rows.bytes();
    } else {
        w.layout = gpuLayout(format(rows.format), rows.rows, rows.cols, m_limits.maxRange, w.planes);
        w.bytes = w.layout->bytes;
    }
    m_weights.push_back(std::move(w));
    return {int32_t(m_weights.size()) - 1};
}

WeightId VulkanLayout::addStreamedWeight(const WeightRows& rows) {
    if (!rows.owner || rows.made()) return {};
    const WeightId id = addWeight(rows, WeightUse::Matmul);
    m_weights.back().streamed = true;
    return id;
}

BufferId VulkanLayout::addBuffer(int64_t rows, int64_t cols) {
    // Anything larger could not be multiplied without overflow; no device has as much.
    if (rows < 0 || cols < 0 || (cols > 0 && uint64_t(rows) > (uint64_t(1) << 40) / uint64_t(cols)))
        throw Error(ErrorKind::NoMemory, "The graphics card has not enough free memory.", "an activation buffer");
    requireRange(m_limits, uint64_t(rows) * uint64_t(cols) * 4, "an activation buffer");
    m_buffers.push_back({rows, cols});
    return {int32_t(m_buffers.size()) - 1};
}

KvId VulkanLayout::addKv(const KvSpec& spec) {
    VulkanKv kv;
    kv.spec = spec;
    kv.keyHeadBytes = uint64_t(spec.capacity) * kvRowBytes(spec.format, spec.keyDim);
    kv.valueHeadBytes = uint64_t(spec.capacity) * kvRowBytes(spec.format, spec.valueDim);
    requireRange(m_limits, std::max(kv.keyBytes(), kv.valueBytes()), "the KV cache of a layer");
    m_kvs.push_back(kv);
    return {int32_t(m_kvs.size()) - 1};
}

RopeId VulkanLayout::addRope(const RopeSpec& spec) {
    m_ropes.push_back(spec);
    return {int32_t(m_ropes.size()) - 1};
}

RouterId VulkanLayout::addRouter(const RouterSpec& spec) {
    assert(spec.used > 0 && spec.used <= spec.experts);
    if (spec.experts > kMostExperts)
        throw Error(ErrorKind::Unsupported, "This model has more experts than Nibble can run on a graphics card.",
                    std::to_string(spec.experts) + ", at most " + std::to_string(kMostExperts),
                    "Run the model on the processor.");
    m_routers.push_back(spec);
    return {int32_t(m_routers.size()) - 1};
}

StateId VulkanLayout::addState(const DeltaNetSpec& spec) {
    if (spec.keyDim > kMostKeyDim || spec.taps > kMostTaps || int64_t(spec.nValueHeads) * spec.keyDim > kMostGroups)
        throw Error(ErrorKind::Unsupported,
                    "This model has wider recurrent layers than Nibble can run on a graphics card.",
                    std::to_string(spec.nValueHeads) + " heads of " + std::to_string(spec.keyDim) + ", " +
                        std::to_string(spec.taps) + " taps; at most " + std::to_string(kMostKeyDim) + " and " +
                        std::to_string(kMostTaps),
                    "Run the model on the processor.");
    requireRange(m_limits, uint64_t(std::max(spec.matrixFloats(), spec.historyFloats())) * sizeof(float),
                 "the state of a layer");
    m_states.push_back(spec);
    return {int32_t(m_states.size()) - 1};
}

const VulkanScratch& VulkanLayout::prepare(int32_t maxRows) {
    VulkanScratch& s = m_scratch;
    s = {};
    s.maxRows = maxRows;
    int32_t used = 1;
    for (const RouterSpec& r : m_routers) {
        used = std::max(used, r.used);
        s.routings.push_back(planRouting(uint32_t(r.experts), uint32_t(r.used), maxRows));
    }
    for (const VulkanWeight& w : m_weights) {
        if (w.fileRows) s.fileRowCols = std::max(s.fileRowCols, w.cols);
        if (w.streamed) s.streamedBytes = std::max(s.streamedBytes, w.bytes);
        if (!w.layout || !w.layout->quantized()) continue;
        const int64_t inputs = int64_t(maxRows) * (w.planes > 1 ? used : 1); // experts may take in a row a slot
        uint64_t bytes = planQuantizedInput(inputs, w.cols, m_terms).bytes;
        if (m_limits.matrixUnits && w.planes == 1) bytes += planHalves(inputs, w.cols, m_terms).bytes;
        s.quantizedBytes = std::max(s.quantizedBytes, bytes);
        if (std::ranges::find(s.quantizedCols, w.cols) == s.quantizedCols.end()) s.quantizedCols.push_back(w.cols);
    }
    s.fileRowBytes = uint64_t(maxRows) * uint64_t(s.fileRowCols) * sizeof(float);
    requireRange(m_limits, s.fileRowBytes, "a batch's rows of a table");
    int valueDim = 0;
    for (const VulkanKv& kv : m_kvs) valueDim = std::max(valueDim, kv.spec.valueDim);
    if (valueDim > 0) s.stateBytes = mostStates(m_limits) * stateBytes(valueDim);

    s.step.tokens = uint32_t(maxRows) * 4;
    s.step.words = (StepPlan::kTokensAt + s.step.tokens + 63) / 64 * 64;
    for (const RopeSpec& r : m_ropes) {
        s.step.ropeAt.push_back(s.step.words);
        s.step.words += uint32_t(maxRows) * uint32_t(r.frequencies.size()) * 2;
    }
    return s;
}

MemoryUse VulkanLayout::memory() const {
    ArenaPlan weights(kWeightShare), kv(kKvShare), buffers(kBufferShare), scratch(kScratchShare);
    MemoryUse m;
    for (const VulkanWeight& w : m_weights) {
        if (w.fileRows)
            m.fileRows += w.bytes;
        else if (!w.streamed)
            weights.add(w.bytes);
    }
    for (const DeltaNetSpec& s : m_states)
        for (int copy = 0; copy < 2; ++copy) { // one is set aside
            kv.add(uint64_t(std::max<int64_t>(s.historyFloats(), 1)) * sizeof(float));
            kv.add(uint64_t(s.matrixFloats()) * sizeof(float));
        }
    for (const VulkanKv& k : m_kvs) {
        kv.add(k.keyBytes());
        kv.add(k.valueBytes());
    }
    for (std::size_t i = 0; i < m_buffers.size(); ++i) buffers.add(bufferBytes({int32_t(i)}));
    ArenaPlan step(kScratchShare);
    if (m_scratch.maxRows > 0) {
        step.add(uint64_t(m_scratch.step.words) * 4);
        if (m_scratch.fileRowBytes > 0) step.add(m_scratch.fileRowBytes);
        scratch.add(m_scratch.quantizedBytes);
        scratch.add(m_scratch.stateBytes);
        for (int i = 0; i < 2 && m_scratch.streamedBytes > 0; ++i) scratch.add(m_scratch.streamedBytes);
        for (const RoutingPlan& r : m_scratch.routings) scratch.add(r.bytes);
    }
    m.weights = weights.bytes();
    m.kv = kv.bytes();
    m.activations = buffers.bytes();
    m.scratch = scratch.bytes() + step.bytes();
    return m;
}

void VulkanLayout::countEmbed(WeightId table, int64_t tokens) {
    const VulkanWeight& w = weight(table);
    m_work.weightBytes += double(tokens) * double(w.bytes) / double(std::max<int64_t>(w.rows, 1));
    ++m_work.dispatches;
}

void VulkanLayout::countElementwise(View view, double macsPerValue) {
    m_work.macs += macsPerValue * view.rows * double(bufferCols(view.buffer));
    ++m_work.dispatches;
}

void VulkanLayout::countDeltaNet(StateId id, View qkv) {
    const DeltaNetSpec& spec = state(id);
    m_work.macs += qkv.rows * (double(spec.channels()) * spec.taps + 3 * double(spec.matrixFloats()));
    m_work.kvBytes += 2 * sizeof(float) * double(spec.stateFloats()); // read and written once for a batch
    ++m_work.dispatches;
}

void VulkanLayout::countMatmul(View in, std::span<const Product> products) {
    for (const Product& p : products) {
        const VulkanWeight& w = weight(p.weight);
        m_work.macs += double(in.rows) * double(w.rows) * double(w.cols);
        m_work.weightBytes += double(w.bytes);
    }
    ++m_work.dispatches;
}

void VulkanLayout::countExpertMatmul(std::span<const Product> products, double experts) {
    for (const Product& p : products) {
        const VulkanWeight& w = weight(p.weight);
        m_work.macs += double(p.out.rows) * double(w.rows) * double(w.cols);
        m_work.weightBytes += double(w.bytes) * experts / double(w.planes);
    }
    ++m_work.dispatches;
}

void VulkanLayout::countWriteKv(KvId id, View k) {
    m_work.kvBytes += double(k.rows) * double(kv(id).spec.nKvHeads) * double(kv(id).rowBytes());
    ++m_work.dispatches;
}

void VulkanLayout::countAttention(const AttentionSpec& spec, View q, KvId id) {
    double pairs = 0; // of queries and keys
    for (int32_t i = 0; i < q.rows; ++i) {
        const int32_t visible = m_pos0 + q.row0 + i + 1;
        pairs += spec.window > 0 ? std::min(visible, spec.window) : visible;
    }
    m_work.macs += pairs * spec.nHeads * (spec.keyDim + spec.valueDim);
    const int32_t end = m_pos0 + q.row0 + q.rows;
    const int32_t begin = spec.window > 0 ? std::max(0, m_pos0 + q.row0 + 1 - spec.window) : 0;
    m_work.kvBytes += double(end - begin) * spec.nKvHeads * double(kv(id).rowBytes());
    ++m_work.dispatches;
}

} // namespace nibble
