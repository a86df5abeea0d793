#include <algorithm>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <compute/vulkan/vulkan_backend.h>
#include <cstring>

namespace nibble {

namespace {

constexpr int64_t kPackedAtOnce = 256 << 10; // bytes that a thread takes at once

/// Where the device shares the host's memory nothing needs to be copied.
void packInPlace(ThreadPool& pool, const WeightRows& rows, const GpuLayout& layout, std::byte* to,
                 const std::stop_token& stop) {
    const int64_t atOnce = std::max<int64_t>(1, kPackedAtOnce / int64_t(rows.rowBytes()));
    for (const GpuSlice& slice : layout.slices) {
        throwIfStopped(stop);
        pool.forEach(slice.rows, atOnce, [&](int64_t begin, int64_t end, int) {
            packRows(layout, slice, begin, end, rows, to + slice.offset);
        });
    }
}

VulkanLimits limitsOf(const PhysicalDevice& device, const VulkanOptions& options) {
    VulkanLimits limits = device.info.limits;
    if (options.wantedGroups > 0) limits.wantedGroups = options.wantedGroups;
    return limits;
}

} // namespace

VulkanBackend::VulkanBackend(ThreadPool& pool, std::shared_ptr<Instance> instance, const PhysicalDevice& device,
                             const VulkanOptions& options)
    : m_pool(pool), m_mappedResults(options.mappedResults), m_gpu(std::move(instance), device, options),
      m_pipelines(m_gpu), m_recorder(m_gpu, m_pipelines), m_transfers(m_gpu),
      m_layout(limitsOf(device, options), options.terms), m_tuning(productTuning(m_gpu)),
      m_weightMemory(m_gpu, m_mappedResults ? GpuMemory::Shared : GpuMemory::Device, VulkanLayout::kWeightShare),
      m_kvMemory(m_gpu, GpuMemory::Device, VulkanLayout::kKvShare),
      m_bufferMemory(m_gpu, m_mappedResults ? GpuMemory::Shared : GpuMemory::Device, VulkanLayout::kBufferShare) {
    m_tuning.terms = m_layout.terms();
}

void VulkanBackend::setStop(std::stop_token stop) {
    m_recorder.setStop(stop);
    m_stop = std::move(stop);
}

WeightId VulkanBackend::addWeight(const WeightRows& rows, WeightUse use) {
    const WeightId id = m_layout.addWeight(rows, use);
    const VulkanWeight& plan = m_layout.weight(id);
    if (plan.fileRows) {
        assert(rows.owner && "rows that stay where they are have an owner");
        m_fileTables[id.index] = rows;
        m_weights.emplace_back();
        return id;
    }
    if (plan.layout) prefetchKernels(*plan.layout, use);
    Range range = m_weightMemory.allocate(plan.bytes, rows.name.c_str());
    range.constant = true;
    if (plan.layout)
        uploadMatrix(rows, *plan.layout, range);
    else
        uploadVector(rows, range);
    m_weights.push_back(range);
    return id;
}

void VulkanBackend::prefetch(const KernelCall& call) {
    m_pipelines.prefetch(call.kernel, std::span(call.constants).first(call.constantCount));
}

/// Drivers take a tenth of a second for some kernels: they are compiled while weights are copied to the device. What
/// is not foreseen here is compiled when it is needed.
void VulkanBackend::prefetchKernels(const GpuLayout& layout, WeightUse use) {
    const bool embeds = use != WeightUse::Matmul;
    if (embeds && layout.quantized()) m_pipelines.prefetch("embed", affineConstants(layout));
    if (use == WeightUse::Embedding) return;
    const FloatRows in{0, uint32_t(layout.cols)};
    const GpuSlice& slice = layout.slices.front();
    if (layout.quantized()) prefetch(planQuantizeRows(in, 1, layout.cols, m_tuning.terms));
    const auto experts = uint32_t(layout.rows / layout.planeRows);
    if (experts > 1) {
        for (const uint32_t chosen : {1u, kMatvecSlots + 1, experts * m_tuning.large.tokens}) {
            const ExpertSlots slots{experts, 1, chosen, chosen, false};
            prefetch(planProduct(m_tuning, layout, slice, in, chosen, {}, &slots));
        }
        return;
    }
    constexpr int64_t kShort = 32, kLong = 512; // prompts
    if (takesHalves(m_tuning, layout, kShort, false)) prefetch(planHalveRows(1, layout.cols, m_tuning.terms));
    for (const int64_t tokens : {int64_t(1), kShort, kLong})
        prefetch(planProduct(m_tuning, layout, slice, in, tokens, {}));
    const ProductPart part{&layout, {}};
    if (!mayGoTogether(m_tuning, part, part, 1)) return;
    // What it will go together with is not known yet: keys and values with queries, or a matrix of its own shape.
    for (const int64_t rows : {layout.rows + layout.rows / 2, 2 * layout.rows})
        prefetch(togetherKernel(m_tuning, layout, rows, in, 1));
}

void VulkanBackend::uploadVector(const WeightRows& rows, const Range& to) {
    std::vector<float> values(std::size_t(rows.rows * rows.cols));
    for (int64_t r = 0; r < rows.rows; ++r) rows.decodeRow(r, values.data() + r * rows.cols);
    if (to.mapped) {
        std::memcpy(to.mapped, values.data(), to.bytes);
        return;
    }
    for (uint64_t at = 0; at < to.bytes; at += Transfers::kChunkBytes) {
        const uint64_t n = std::min(Transfers::kChunkBytes, to.bytes - at);
        std::memcpy(m_transfers.chunk(), reinterpret_cast<const std::byte*>(values.data()) + at, n);
        const GpuCopy copy{0, at, n};
        m_transfers.send(to, {&copy, 1});
    }
}

/// The threads of the pool pack as many rows each as fit their share of a staging chunk, while the device copies the
/// chunk before.
void VulkanBackend::uploadMatrix(const WeightRows& rows, const GpuLayout& layout, const Range& to) {
    if (to.mapped) return packInPlace(m_pool, rows, layout, to.mapped, m_stop);
    const int64_t threads = std::min(m_pool.size(), 16);
    const uint64_t share = Transfers::kChunkBytes / uint64_t(threads) / 16 * 16;
    std::vector<GpuPiece> pieces;
    std::vector<GpuCopy> copies;
    for (const GpuSlice& slice : layout.slices) {
        const uint64_t rowBytes = (slice.bytes + uint64_t(slice.rows) - 1) / uint64_t(slice.rows);
        constexpr uint64_t kPadding = 6 * 16; // of the planes
        const int64_t most = std::max<int64_t>(1, int64_t((share - kPadding) / rowBytes));
        for (int64_t row = 0; row < slice.rows; row += most * threads) {
            throwIfStopped(m_stop);
            pieces.clear();
            for (int64_t r = row; r < std::min(row + most * threads, slice.rows); r += most)
                pieces.push_back(gpuPiece(layout, slice, r, std::min(r + most, slice.rows)));
            std::byte* chunk = m_transfers.chunk();
            m_pool.forEach(int64_t(pieces.size()), 1, [&](int64_t begin, int64_t end, int) {
                for (int64_t i = begin; i < end; ++i)
                    packRows(layout, pieces[std::size_t(i)].slice, rows, chunk + uint64_t(i) * share);
            });
            copies.clear();
            for (std::size_t i = 0; i < pieces.size(); ++i)
                for (int c = 0; c < pieces[i].copyCount; ++c) {
                    GpuCopy copy = pieces[i].copies[std::size_t(c)];
                    copy.from += i * share;
                    copy.to += slice.offset;
                    copies.push_back(copy);
                }
            m_transfers.send(to, copies);
        }
    }
}

BufferId VulkanBackend::addBuffer(const char* name, int64_t rows, int64_t cols) {
    const BufferId id = m_layout.addBuffer(rows, cols);
    m_buffers.push_back(m_bufferMemory.allocate(m_layout.bufferBytes(id), name));
    m_results.emplace_back();
    return id;
}

KvId VulkanBackend::addKv(const KvSpec& spec) {
    const KvId id = m_layout.addKv(spec);
    const VulkanKv& plan = m_layout.kv(id);
    Kv kv;
    kv.keys = m_kvMemory.allocate(plan.keyBytes(), "KV cache");
    kv.values = m_kvMemory.allocate(plan.valueBytes(), "KV cache");
    m_kvs.push_back(kv);
    return id;
}

StateId VulkanBackend::addState(const DeltaNetSpec& spec) {
    const StateId id = m_layout.addState(spec);
    const auto allocate = [&](int64_t floats) { // no binding may be empty
        return m_kvMemory.allocate(uint64_t(std::max<int64_t>(floats, 1)) * sizeof(float), "recurrent state");
    };
    State state;
    for (StateRanges* ranges : {&state.now, &state.aside})
        *ranges = {allocate(spec.historyFloats()), allocate(spec.matrixFloats())};
    m_states.push_back(state);
    return id;
}

Range VulkanBackend::allocateScratch(GpuArena& arena, uint64_t bytes, const char* what) {
    Range range = arena.allocate(bytes, what);
    range.bytes = std::max<uint64_t>(range.bytes, 4);
    return range;
}

void VulkanBackend::prepare(int32_t maxRows) {
    m_recorder.forget();
    m_transfers.release();
    m_scratchMemory = std::make_unique<GpuArena>(m_gpu, GpuMemory::Device, VulkanLayout::kScratchShare);
    m_stepMemory = std::make_unique<GpuArena>(m_gpu, GpuMemory::Step, VulkanLayout::kScratchShare);
    const VulkanScratch& plan = m_layout.prepare(maxRows);
    m_step = m_stepMemory->allocate(uint64_t(plan.step.words) * 4, "positions and tokens");
    m_step.constant = true;
    m_fileRows = {};
    if (plan.fileRowBytes > 0) m_fileRows = m_stepMemory->allocate(plan.fileRowBytes, "rows of a table");
    m_fileRows.constant = true;
    m_decodedRows.assign(std::size_t(m_pool.size()), std::vector<float>(std::size_t(plan.fileRowCols)));
    m_quantized = allocateScratch(*m_scratchMemory, plan.quantizedBytes, "quantized activations");
    m_attentionParts = allocateScratch(*m_scratchMemory, plan.stateBytes, "attention results");
    for (StreamSlot& slot : m_streamSlots) {
        slot = {};
        if (plan.streamedBytes > 0) slot.memory = m_scratchMemory->allocate(plan.streamedBytes, "weights on their way");
    }
    m_routings.clear();
    for (const RoutingPlan& r : plan.routings)
        m_routings.push_back(m_scratchMemory->allocate(r.bytes, "the choice of experts"));
    m_ropeRows.assign(m_layout.ropeCount(), 0);
    prefetchOperations();
}

/// What lies between products, as far as it can be foreseen: attention() knows more.
void VulkanBackend::prefetchOperations() {
    for (const char* kernel : {"rms_norm", "add"}) m_pipelines.prefetch(kernel, {});
    for (const uint32_t pairs : {0u, 1u}) m_pipelines.prefetch("top_values", std::array{pairs});
    const bool quantizes = !m_layout.scratch().quantizedCols.empty();
    if (quantizes) m_pipelines.prefetch("rms_norm_quantized", termsConstant());
    for (const Activation activation : {Activation::Silu, Activation::GeluTanh}) { // most models have one of these
        const std::array constants{uint32_t(activation), uint32_t(m_tuning.terms)};
        if (quantizes)
            m_pipelines.prefetch("gated_activation_quantized", constants);
        else
            m_pipelines.prefetch("gated_activation", std::span(constants).first(1));
    }
    for (std::size_t i = 0; i < m_kvs.size(); ++i)
        for (std::size_t rope = 0; rope < m_layout.ropeCount(); ++rope) {
            const uint32_t neox = m_layout.rope({int32_t(rope)}).kind == RopeKind::Neox ? 1 : 0;
            const auto format = uint32_t(m_layout.kv({int32_t(i)}).spec.format);
            if (format != uint32_t(KvFormat::Q8_0)) {
                m_pipelines.prefetch("rope_kv", std::array{neox, format});
            } else {
                m_pipelines.prefetch("rope", std::array{neox});
                m_pipelines.prefetch("kv_write", std::array{format});
            }
        }
}

MemoryUse VulkanBackend::memory() const {
    MemoryUse m;
    m.weights = m_weightMemory.allocatedBytes();
    m.kv = m_kvMemory.allocatedBytes();
    m.activations = m_bufferMemory.allocatedBytes();
    for (const auto& [index, rows] : m_fileTables) m.fileRows += rows.bytes();
    for (const auto* arena : {&m_scratchMemory, &m_stepMemory})
        if (*arena) m.scratch += (*arena)->allocatedBytes();
    return m;
}

std::unique_ptr<Backend> makeVulkanBackend(ThreadPool& pool, const VulkanOptions& options) {
    auto instance = Instance::open();
    const auto devices = instance->devices();
    std::string whyNot = "The graphics drivers of this computer offer no device.";
    for (const PhysicalDevice& device : devices) {
        if (!options.uuid.empty() && device.info.uuid != options.uuid) continue;
        if (device.info.usable) return std::make_unique<VulkanBackend>(pool, instance, device, options);
        whyNot = device.info.name + ": " + device.info.whyNot;
    }
    throw Error(ErrorKind::NotFound, "There is no graphics card that Nibble can use.", whyNot);
}

} // namespace nibble
