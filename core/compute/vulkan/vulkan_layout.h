// Sizes of everything the Vulkan backend holds, and the work of its operations, in one place: the backend allocates
// what this says and the dry backend only adds it up.
#pragma once

#include <compute/backend.h>
#include <compute/vulkan/arena_plan.h>
#include <compute/vulkan/products.h>
#include <compute/vulkan/vulkan.h>
#include <optional>

namespace nibble {

/// A weight: one allocation.
struct VulkanWeight {
    FormatId format = FormatId::F32;
    int64_t rows = 0, cols = 0;      // rows: of a plane
    int64_t planes = 1;              // experts
    std::optional<GpuLayout> layout; // none: a vector of f32, or rows of a file
    bool fileRows = false;           // stays in the file; the host decodes the rows that a batch needs
    bool streamed = false;           // stays with the host, which copies it whenever a batch needs it
    uint64_t bytes = 0;
};

/// One layer's KV cache, as shaders/include/kv.glsl reads it; keys and values are an allocation each.
struct VulkanKv {
    KvSpec spec;
    uint64_t keyHeadBytes = 0, valueHeadBytes = 0; // all positions of a head
    uint64_t keyBytes() const { return keyHeadBytes * uint64_t(spec.nKvHeads); }
    uint64_t valueBytes() const { return valueHeadBytes * uint64_t(spec.nKvHeads); }
    uint64_t rowBytes() const { return (keyHeadBytes + valueHeadBytes) / uint64_t(spec.capacity); } // of a position
};

/// How an attention call is cut: rows x heads of a tile, keys at a time, parts of the keys.
struct AttentionTiles {
    uint32_t heads = 1, rows = 1, keys = 32, parts = 1;
    uint32_t tilesPerGroup = 1; // head tiles of the heads that share a KV head
    uint32_t rowTiles = 1;
    uint32_t lanes = 64, laneKeys = 1; // of a workgroup, and keys that each scores at once
    uint32_t shares = 1;               // of the keys, among lanes that look for the largest score
    uint32_t slices = 1;               // of dimensions or keys, among lanes that have the same query
};
/// `keys`: how many the last row sees; the result is the same for all numbers up to the next power of two, so that a
/// recorded step serves many positions.
AttentionTiles cutAttention(const VulkanLimits& limits, const AttentionSpec& spec, int32_t rows, int32_t keys);

/// The small buffer that the host writes for each batch: the position, tokens, rotary tables. In words.
struct StepPlan {
    static constexpr uint32_t kTokensAt = 4;
    uint32_t tokens = 0;          // room for as many, of all embed() calls of a batch
    std::vector<uint32_t> ropeAt; // by rope: (cos, sin) per row and frequency
    uint32_t words = 0;
};

struct VulkanScratch {
    int32_t maxRows = 0;
    StepPlan step;
    uint64_t quantizedBytes = 0;        // of the widest input of a quantized product, with its halves
    std::vector<int64_t> quantizedCols; // widths of such inputs
    uint64_t stateBytes = 0;            // of attention's parts
    int64_t fileRowCols = 0;            // of the widest table whose rows stay in the file
    uint64_t fileRowBytes = 0;          // of a batch's rows of it, as f32
    uint64_t streamedBytes = 0;         // of the largest streamed weight: there is room for two
    std::vector<RoutingPlan> routings;  // by router
};

class VulkanLayout {
public:
    // Small things share blocks of so many bytes.
    static constexpr uint64_t kWeightShare = 16 << 20, kKvShare = 4 << 20, kBufferShare = 4 << 20,
                              kScratchShare = 1 << 20;
    static constexpr int32_t kMostExperts = 512;  // of shaders/route.comp and sort_slots.comp
    static constexpr int32_t kMostKeyDim = 512;   // of shaders/delta_net.comp
    static constexpr int32_t kMostTaps = 8;       // of shaders/delta_conv.comp
    static constexpr int64_t kMostGroups = 65535; // in y, that every device has

    explicit VulkanLayout(const VulkanLimits& limits, InputTerms terms = InputTerms::One)
        : m_limits(limits), m_terms(int(terms)) {}

    WeightId addWeight(const WeightRows& rows, WeightUse use);
    /// None where nothing keeps the rows, or they would have to be made anew each time.
    WeightId addStreamedWeight(const WeightRows& rows);
    BufferId addBuffer(int64_t rows, int64_t cols);
    KvId addKv(const KvSpec& spec);
    RopeId addRope(const RopeSpec& spec);
    RouterId addRouter(const RouterSpec& spec);
    StateId addState(const DeltaNetSpec& spec);
    const VulkanScratch& prepare(int32_t maxRows);

    const VulkanLimits& limits() const { return m_limits; }
    int terms() const { return m_terms; }
    const VulkanWeight& weight(WeightId id) const { return m_weights[std::size_t(id.index)]; }
    const VulkanKv& kv(KvId id) const { return m_kvs[std::size_t(id.index)]; }
    const RopeSpec& rope(RopeId id) const { return m_ropes[std::size_t(id.index)]; }
    const RouterSpec& router(RouterId id) const { return m_routers[std::size_t(id.index)]; }
    const DeltaNetSpec& state(StateId id) const { return m_states[std::size_t(id.index)]; }
    std::size_t ropeCount() const { return m_ropes.size(); }
    int64_t bufferRows(BufferId id) const { return m_buffers[std::size_t(id.index)].rows; }
    int64_t bufferCols(BufferId id) const { return m_buffers[std::size_t(id.index)].cols; }
    uint64_t bufferBytes(BufferId id) const { return uint64_t(bufferRows(id)) * uint64_t(bufferCols(id)) * 4; }
    const VulkanScratch& scratch() const { return m_scratch; }
    /// What a backend that allocates as planned holds on the device.
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
    VulkanLimits m_limits;
    int m_terms;
    std::vector<VulkanWeight> m_weights;
    std::vector<Buffer> m_buffers;
    std::vector<VulkanKv> m_kvs;
    std::vector<RopeSpec> m_ropes;
    std::vector<RouterSpec> m_routers;
    std::vector<DeltaNetSpec> m_states;
    VulkanScratch m_scratch;
    int32_t m_pos0 = 0;
    Work m_work;
};

} // namespace nibble
