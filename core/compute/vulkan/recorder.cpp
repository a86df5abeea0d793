#include <cassert>
#include <compute/vulkan/recorder.h>

namespace nibble {

namespace {

constexpr std::size_t kInFlight = 3;   // pieces submitted and not finished
constexpr uint32_t kSetsPerPool = 128; // where descriptors cannot be pushed

bool sameRange(const Range& a, const Range& b) {
    return a.buffer == b.buffer && a.offset == b.offset && a.bytes == b.bytes;
}

} // namespace

bool Recorder::Recorded::operator==(const Recorded& o) const {
    if (pipeline != o.pipeline || groups != o.groups || pushBytes != o.pushBytes) return false;
    if (std::memcmp(push.data(), o.push.data(), pushBytes) != 0) return false;
    for (std::size_t i = 0; i < pipeline->interface->bindings.size(); ++i)
        if (!sameRange(ranges[i], o.ranges[i])) return false;
    return true;
}

Recorder::~Recorder() {
    m_gpu.drain();
    dropKept();
    for (Pieces* pieces : {&m_ring, &m_free})
        for (const auto& piece : *pieces) {
            for (VkDescriptorPool pool : piece->pools)
                m_gpu.api().vkDestroyDescriptorPool(m_gpu.device(), pool, nullptr);
            if (piece->times) m_gpu.api().vkDestroyQueryPool(m_gpu.device(), piece->times, nullptr);
        }
}

void Recorder::begin(bool keep) {
    m_open = nullptr;
    m_canceled = false;
    m_hazards.clear();
    if (!m_keptWhole) dropKept();
    m_keep = keep = keep && !m_times.wanted();
    m_matching = keep && m_keptWhole;
    m_matched = 0;
    if (keep && !m_matching) dropKept();
}

void Recorder::dispatchBytes(std::string_view shader, std::span<const uint32_t> constants,
                             std::span<const Range> ranges, std::span<const std::byte> push, Groups groups,
                             double cost) {
    if (stopped()) return;
    Recorded d;
    d.pipeline = &m_pipelines.get(shader, constants);
    assert(ranges.size() == d.pipeline->interface->bindings.size() && ranges.size() <= kMostBuffers);
    assert(push.size() == d.pipeline->interface->pushBytes && push.size() <= kMaxPush);
    std::ranges::copy(ranges, d.ranges.begin());
    std::ranges::copy(push, d.push.begin());
    d.pushBytes = uint32_t(push.size());
    d.groups = m_gpu.faults().idles(shader) ? Groups{0, 0, 0} : groups;
    d.cost = cost;
    if (m_matching && m_matched < m_kept.size() && d == m_kept[m_matched]) {
        ++m_matched;
        return;
    }
    if (m_matching) stopMatching();
    record(d);
    if (m_times.wanted()) profile(shader, d.groups);
}

void Recorder::profile(std::string_view shader, const Groups& groups) {
    submitOpen();
    m_gpu.wait(m_gpu.lastSubmitted());
    if (!stopped()) m_times.add(shader, groups, milliseconds(*m_ring.back()));
}

void Recorder::forget() {
    m_gpu.drain();
    dropKept();
}

/// The batch turned out to be another one: what it has in common with the kept one is recorded again.
void Recorder::stopMatching() {
    m_matching = false;
    std::vector<Recorded> common = std::move(m_kept);
    common.resize(m_matched);
    dropKept();
    for (const Recorded& d : common) record(d);
}

void Recorder::dropKept() {
    for (auto& piece : m_keptPieces) m_free.push_back(std::move(piece));
    m_keptPieces.clear();
    m_kept.clear();
    m_keptBarriers = 0;
    m_keptWhole = false;
}

std::unique_ptr<Recorder::Piece> Recorder::freePiece() {
    if (!m_free.empty()) {
        auto piece = std::move(m_free.back());
        m_free.pop_back();
        return piece;
    }
    auto piece = std::make_unique<Piece>();
    piece->commands = m_gpu.makeCommandBuffer();
    return piece;
}

Recorder::Piece& Recorder::openPiece() {
    if (m_open) return *m_open;
    Pieces& pieces = m_keep ? m_keptPieces : m_ring;
    if (!m_keep && m_ring.size() >= kInFlight) {
        m_free.push_back(std::move(m_ring.front()));
        m_ring.erase(m_ring.begin());
    }
    pieces.push_back(freePiece());
    Piece& piece = *pieces.back();
    if (piece.number > 0) m_gpu.wait(piece.number);
    measure(piece);
    const VolkDeviceTable& vk = m_gpu.api();
    for (VkDescriptorPool pool : piece.pools)
        check(vk.vkResetDescriptorPool(m_gpu.device(), pool, 0), "recording work");
    piece.pool = 0;
    check(vk.vkResetCommandBuffer(piece.commands, 0), "recording work"); // it may have been left half recorded
    VkCommandBufferBeginInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    check(vk.vkBeginCommandBuffer(piece.commands, &info), "recording work");
    m_open = &piece;
    piece.cost = 0;
    beginTiming(piece);
    m_hazards.clear();
    globalBarrier(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT); // after earlier pieces
    return piece;
}

void Recorder::beginTiming(Piece& piece) {
    if (!m_gpu.physical().timestamps) return;
    const VolkDeviceTable& vk = m_gpu.api();
    if (!piece.times) {
        VkQueryPoolCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
        info.queryType = VK_QUERY_TYPE_TIMESTAMP;
        info.queryCount = 2;
        check(vk.vkCreateQueryPool(m_gpu.device(), &info, nullptr, &piece.times), "recording work");
    }
    vk.vkCmdResetQueryPool(piece.commands, piece.times, 0, 2);
    vk.vkCmdWriteTimestamp(piece.commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, piece.times, 0);
}

double Recorder::milliseconds(const Piece& piece) const {
    if (!piece.times) return 0;
    uint64_t ticks[2] = {};
    const VkResult result = m_gpu.api().vkGetQueryPoolResults(m_gpu.device(), piece.times, 0, 2, sizeof ticks, ticks,
                                                              sizeof ticks[0], VK_QUERY_RESULT_64_BIT);
    if (result != VK_SUCCESS || ticks[1] <= ticks[0]) return 0;
    return double(ticks[1] - ticks[0]) * double(m_gpu.physical().limits.timestampPeriod) / 1e6;
}

void Recorder::measure(Piece& piece) {
    if (piece.measured || !piece.times) return;
    piece.measured = true;
    m_budget.measured(piece.cost, milliseconds(piece));
}

/// Makes all that was written visible to all that follows.
void Recorder::globalBarrier(VkPipelineStageFlags from, VkPipelineStageFlags to) {
    VkMemoryBarrier barrier{};
    barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    const bool toHost = to == VK_PIPELINE_STAGE_HOST_BIT;
    const bool within = from == VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
    barrier.srcAccessMask = within ? VK_ACCESS_SHADER_WRITE_BIT : VK_ACCESS_MEMORY_WRITE_BIT;
    barrier.dstAccessMask = toHost   ? VK_ACCESS_HOST_READ_BIT
                            : within ? VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT
                                     : VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
    m_gpu.api().vkCmdPipelineBarrier(m_open->commands, from, to, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

void Recorder::record(const Recorded& d) {
    Piece& piece = openPiece();
    const auto& bindings = d.pipeline->interface->bindings;
    bool conflict = false;
    for (std::size_t i = 0; i < bindings.size(); ++i) conflict |= m_hazards.conflicts(d.ranges[i], bindings[i].writes);
    if (conflict) {
        globalBarrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT);
        m_hazards.clear();
        ++m_counts.barriers;
        if (m_keep) ++m_keptBarriers;
    }
    for (std::size_t i = 0; i < bindings.size(); ++i) m_hazards.note(d.ranges[i], bindings[i].writes);

    const VolkDeviceTable& vk = m_gpu.api();
    vk.vkCmdBindPipeline(piece.commands, VK_PIPELINE_BIND_POINT_COMPUTE, d.pipeline->handle);
    bind(d);
    if (d.pushBytes > 0)
        vk.vkCmdPushConstants(piece.commands, d.pipeline->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, d.pushBytes,
                              d.push.data());
    vk.vkCmdDispatch(piece.commands, d.groups[0], d.groups[1], d.groups[2]);
    ++m_counts.dispatches;
    if (m_keep) m_kept.push_back(d);
    piece.cost += d.cost;
    if (piece.cost >= m_budget.cost()) submitOpen();
}

void Recorder::bind(const Recorded& d) {
    const auto& bindings = d.pipeline->interface->bindings;
    std::array<VkDescriptorBufferInfo, kMostBuffers> buffers;
    std::array<VkWriteDescriptorSet, kMostBuffers> writes{};
    uint32_t n = 0; // arrays in one piece: Mesa 22's software device pushes others wrongly
    for (std::size_t i = 0; i < bindings.size(); ++i) {
        assert(d.ranges[i].buffer && d.ranges[i].bytes > 0 && d.ranges[i].bytes <= m_gpu.maxRange());
        buffers[i] = {d.ranges[i].buffer, d.ranges[i].offset, d.ranges[i].bytes};
        if (bindings[i].element == 0) {
            VkWriteDescriptorSet& write = writes[n++];
            write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
            write.dstBinding = bindings[i].number;
            write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
            write.pBufferInfo = &buffers[i];
        }
        ++writes[n - 1].descriptorCount;
    }
    const VolkDeviceTable& vk = m_gpu.api();
    if (m_gpu.pushDescriptors()) {
        vk.vkCmdPushDescriptorSetKHR(m_open->commands, VK_PIPELINE_BIND_POINT_COMPUTE, d.pipeline->layout, 0, n,
                                     writes.data());
        return;
    }
    const VkDescriptorSet set = descriptorSet(*m_open, d.pipeline->setLayout);
    for (uint32_t i = 0; i < n; ++i) writes[i].dstSet = set;
    vk.vkUpdateDescriptorSets(m_gpu.device(), n, writes.data(), 0, nullptr);
    vk.vkCmdBindDescriptorSets(m_open->commands, VK_PIPELINE_BIND_POINT_COMPUTE, d.pipeline->layout, 0, 1, &set, 0,
                               nullptr);
}

VkDescriptorSet Recorder::descriptorSet(Piece& piece, VkDescriptorSetLayout layout) {
    const VolkDeviceTable& vk = m_gpu.api();
    VkDescriptorSetAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
    info.descriptorSetCount = 1;
    info.pSetLayouts = &layout;
    VkDescriptorSet set = VK_NULL_HANDLE;
    for (; piece.pool < piece.pools.size(); ++piece.pool) {
        info.descriptorPool = piece.pools[piece.pool];
        if (vk.vkAllocateDescriptorSets(m_gpu.device(), &info, &set) == VK_SUCCESS) return set;
    }
    const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, kSetsPerPool * 8};
    VkDescriptorPoolCreateInfo create{};
    create.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
    create.maxSets = kSetsPerPool;
    create.poolSizeCount = 1;
    create.pPoolSizes = &size;
    VkDescriptorPool pool = VK_NULL_HANDLE;
    check(vk.vkCreateDescriptorPool(m_gpu.device(), &create, nullptr, &pool), "recording work");
    piece.pools.push_back(pool);
    info.descriptorPool = pool;
    check(vk.vkAllocateDescriptorSets(m_gpu.device(), &info, &set), "recording work");
    return set;
}

void Recorder::submit(Piece& piece) {
    if (stopped()) return;
    piece.number = m_gpu.submit(piece.commands);
    piece.measured = false;
    ++m_counts.submissions;
}

void Recorder::submitOpen() {
    if (!m_open) return;
    globalBarrier(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_HOST_BIT);
    if (m_open->times)
        m_gpu.api().vkCmdWriteTimestamp(m_open->commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, m_open->times, 1);
    check(m_gpu.api().vkEndCommandBuffer(m_open->commands), "recording work");
    Piece& piece = *m_open;
    m_open = nullptr;
    submit(piece);
}

void Recorder::replay() {
    for (const auto& piece : m_keptPieces) submit(*piece);
    m_counts.dispatches += int64_t(m_kept.size());
    m_counts.barriers += m_keptBarriers;
    ++m_counts.replays;
}

void Recorder::submitSoFar() {
    if (m_matching) stopMatching();
    submitOpen();
    m_keep = m_keptWhole = false;
}

void Recorder::flush() {
    submitSoFar();
    m_gpu.wait(m_gpu.lastSubmitted());
}

void Recorder::finish() {
    if (m_matching && m_matched == m_kept.size()) {
        replay();
    } else {
        if (m_matching) stopMatching();
        submitOpen();
        m_keptWhole = m_keep && !m_canceled && !m_kept.empty();
    }
    m_matching = false;
    m_gpu.wait(m_gpu.lastSubmitted());
    for (const auto& piece : m_ring) measure(*piece);
    if (stopped()) throw Error(ErrorKind::Canceled, "Stopped.");
}

} // namespace nibble
