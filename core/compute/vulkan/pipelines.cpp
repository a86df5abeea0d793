#include <algorithm>
#include <base/atomic_file.h>
#include <base/hash.h>
#include <base/text.h>
#include <cassert>
#include <compute/vulkan/device_features.h>
#include <compute/vulkan/pipelines.h>
#include <cstring>
#include <fstream>
#include <optional>

namespace nibble {

namespace {

constexpr std::size_t kLargestCache = 64 << 20;
constexpr unsigned kMostWorkers = 4; // drivers' compilers take memory

/// What the driver wrote; empty where the file is absent or not as we wrote it: drivers trust their caches.
std::vector<char> readCache(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const auto size = in ? std::streamoff(in.tellg()) : 0;
    uint64_t hash = 0;
    if (size <= std::streamoff(sizeof hash) || size > std::streamoff(kLargestCache)) return {};
    std::vector<char> data(std::size_t(size) - sizeof hash);
    in.seekg(0);
    in.read(reinterpret_cast<char*>(&hash), sizeof hash);
    in.read(data.data(), std::streamsize(data.size()));
    if (!in || hashOf(std::as_bytes(std::span(data))) != hash) return {};
    return data;
}

} // namespace

std::vector<VkDescriptorSetLayoutBinding> layoutBindings(const ShaderInterface& interface) {
    std::vector<VkDescriptorSetLayoutBinding> list;
    for (const ShaderInterface::Binding& b : interface.bindings) {
        if (b.element == 0)
            list.push_back({b.number, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 0, VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
        ++list.back().descriptorCount;
    }
    return list;
}

Pipelines::Pipelines(Gpu& gpu) : m_gpu(gpu) { loadCache(); }

Pipelines::~Pipelines() {
    for (std::jthread& worker : m_workers) worker.request_stop();
    m_workers.clear(); // waits for what is under way
    saveCache();
    const VolkDeviceTable& vk = m_gpu.api();
    const VkDevice device = m_gpu.device();
    for (auto& [key, entry] : m_pipelines) vk.vkDestroyPipeline(device, entry.pipeline.handle, nullptr);
    for (auto& [name, kernel] : m_kernels) {
        if (kernel.layout) vk.vkDestroyPipelineLayout(device, kernel.layout, nullptr);
        if (kernel.setLayout) vk.vkDestroyDescriptorSetLayout(device, kernel.setLayout, nullptr);
        if (kernel.module) vk.vkDestroyShaderModule(device, kernel.module, nullptr);
    }
    if (m_cache) vk.vkDestroyPipelineCache(device, m_cache, nullptr);
}

void Pipelines::loadCache() {
    std::string key; // what the driver's own compiled code depends on
    for (uint8_t byte : m_gpu.physical().cacheUuid) key += format("%02x", byte);
    const std::filesystem::path folder = cacheFolder();
    if (!folder.empty()) m_cacheFile = folder / ("vulkan-" + key + ".bin");
    const std::vector<char> data = m_cacheFile.empty() ? std::vector<char>() : readCache(m_cacheFile);
    m_cachedBytes = data.size();
    VkPipelineCacheCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
    info.initialDataSize = data.size();
    info.pInitialData = data.data();
    if (m_gpu.api().vkCreatePipelineCache(m_gpu.device(), &info, nullptr, &m_cache) < 0) m_cache = VK_NULL_HANDLE;
}

void Pipelines::saveCache() {
    const VolkDeviceTable& vk = m_gpu.api();
    std::size_t size = 0;
    if (!m_cache || m_cacheFile.empty() || m_pipelines.empty()) return;
    if (vk.vkGetPipelineCacheData(m_gpu.device(), m_cache, &size, nullptr) < 0 || size <= m_cachedBytes) return;
    std::vector<std::byte> data(size);
    if (size > kLargestCache || vk.vkGetPipelineCacheData(m_gpu.device(), m_cache, &size, data.data()) < 0) return;
    data.resize(size);
    try {
        create_directories(m_cacheFile.parent_path());
        AtomicFile file(m_cacheFile);
        const uint64_t hash = hashOf(data);
        file.write(std::as_bytes(std::span(&hash, 1)));
        file.write(data);
        file.commit();
    } catch (const std::exception&) {
        // A full disk costs the next start some time, and nothing else.
    }
}

void Pipelines::makeLayouts(Kernel& kernel) {
    const VolkDeviceTable& vk = m_gpu.api();
    const auto bindings = layoutBindings(kernel.interface);
    VkDescriptorSetLayoutCreateInfo set{};
    set.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
    if (m_gpu.pushDescriptors()) set.flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR;
    set.bindingCount = uint32_t(bindings.size());
    set.pBindings = bindings.data();
    if (!kernel.setLayout)
        check(vk.vkCreateDescriptorSetLayout(m_gpu.device(), &set, nullptr, &kernel.setLayout), "preparing a kernel");

    VkPushConstantRange push{VK_SHADER_STAGE_COMPUTE_BIT, 0, kernel.interface.pushBytes};
    VkPipelineLayoutCreateInfo layout{};
    layout.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
    layout.setLayoutCount = 1;
    layout.pSetLayouts = &kernel.setLayout;
    layout.pushConstantRangeCount = push.size > 0 ? 1 : 0;
    layout.pPushConstantRanges = &push;
    check(vk.vkCreatePipelineLayout(m_gpu.device(), &layout, nullptr, &kernel.layout), "preparing a kernel");
}

Pipelines::Kernel& Pipelines::kernel(const Shader& shader) {
    Kernel& kernel = m_kernels[shader.name];
    if (kernel.layout) return kernel;
    kernel.interface = reflect(shader.code);
    assert(kernel.interface.pushBytes <= 128 && "all that Vulkan promises");
    if (!kernel.module) {
        VkShaderModuleCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
        info.codeSize = shader.code.size_bytes();
        info.pCode = shader.code.data();
        check(m_gpu.api().vkCreateShaderModule(m_gpu.device(), &info, nullptr, &kernel.module), "preparing a kernel");
    }
    makeLayouts(kernel);
    return kernel;
}

VkPipeline Pipelines::compile(const Kernel& kernel, std::span<const uint32_t> constants) {
    std::vector<VkSpecializationMapEntry> entries;
    for (std::size_t i = 0; i < constants.size(); ++i) entries.push_back({uint32_t(i), uint32_t(i * 4), 4});
    const VkSpecializationInfo specialization{uint32_t(entries.size()), entries.data(), constants.size_bytes(),
                                              constants.data()};
    VkComputePipelineCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
    info.layout = kernel.layout;
    info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    info.stage.module = kernel.module;
    info.stage.pName = "main";
    info.stage.pSpecializationInfo = &specialization;
    std::optional<MatrixStage> matrices;
    if (kernel.interface.matrices) matrices.emplace(m_gpu.physical(), info.stage);
    VkPipeline pipeline = VK_NULL_HANDLE;
    check(m_gpu.api().vkCreateComputePipelines(m_gpu.device(), m_cache, 1, &info, nullptr, &pipeline),
          "compiling a kernel");
    return pipeline;
}

Pipelines::Entries::value_type& Pipelines::entryOf(std::string_view shader, std::span<const uint32_t> constants) {
    auto found = m_pipelines.find(KeyView{shader, constants});
    if (found == m_pipelines.end())
        found = m_pipelines.emplace(Key{findShader(shader).name, {constants.begin(), constants.end()}}, Entry{}).first;
    return *found;
}

void Pipelines::compileEntry(Entries::value_type& item, std::unique_lock<std::mutex>& lock) {
    auto& [key, entry] = item;
    entry.state = State::Failed; // unless all goes well
    const Kernel& k = kernel(findShader(key.shader));
    entry.state = State::Compiling;
    lock.unlock();
    VkPipeline handle = VK_NULL_HANDLE;
    try {
        handle = compile(k, key.constants);
    } catch (...) {
        lock.lock();
        entry.state = State::Failed;
        m_changed.notify_all();
        throw;
    }
    lock.lock();
    entry.pipeline = {handle, k.layout, k.setLayout, &k.interface};
    entry.state = State::Ready;
    m_changed.notify_all();
}

const Pipeline& Pipelines::get(std::string_view shader, std::span<const uint32_t> constants) {
    std::unique_lock lock(m_mutex);
    Entries::value_type& item = entryOf(shader, constants);
    Entry& entry = item.second;
    if (entry.state == State::Ready) return entry.pipeline;
    m_changed.wait(lock, [&] { return entry.state != State::Compiling; });
    if (entry.state != State::Ready) { // wanted, or failed: then this says why
        ++m_compiledLate;
        compileEntry(item, lock);
    }
    return entry.pipeline;
}

void Pipelines::prefetch(std::string_view shader, std::span<const uint32_t> constants) {
    const std::unique_lock lock(m_mutex);
    if (m_pipelines.contains(KeyView{shader, constants})) return;
    m_wanted.push_back(&entryOf(shader, constants));
    m_changed.notify_all();
    const std::size_t workers = std::clamp(std::thread::hardware_concurrency() / 2, 1u, kMostWorkers);
    if (m_workers.size() < workers && m_workers.size() < m_wanted.size())
        m_workers.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

bool Pipelines::idle() {
    const std::unique_lock lock(m_mutex);
    return std::ranges::none_of(m_pipelines, [](const auto& item) {
        return item.second.state == State::Wanted || item.second.state == State::Compiling;
    });
}

void Pipelines::work(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, stop, [&] { return !m_wanted.empty(); }) && !stop.stop_requested()) {
        Entries::value_type& item = *m_wanted.front();
        m_wanted.pop_front();
        if (item.second.state != State::Wanted) continue; // get() was faster
        try {
            compileEntry(item, lock);
        } catch (const Error&) {
            // get() will try again and say what is wrong.
        }
    }
}

} // namespace nibble
