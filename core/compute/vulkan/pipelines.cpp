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

Pipelines::Pipelines(Gpu& gpu) : m_gpu(gpu) { loadCache(); }

Pipelines::~Pipelines() {
    saveCache();
    const VolkDeviceTable& vk = m_gpu.api();
    const VkDevice device = m_gpu.device();
    for (auto& [key, pipeline] : m_pipelines) vk.vkDestroyPipeline(device, pipeline.handle, nullptr);
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
    std::vector<VkDescriptorSetLayoutBinding> bindings(kernel.interface.bindings.size());
    for (std::size_t i = 0; i < bindings.size(); ++i) {
        bindings[i].binding = uint32_t(i);
        bindings[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        bindings[i].descriptorCount = 1;
        bindings[i].stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
    }
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

const Pipeline& Pipelines::get(std::string_view shader, std::span<const uint32_t> constants) {
    const auto found = m_pipelines.find(KeyView{shader, constants});
    if (found != m_pipelines.end()) return found->second;
    const Shader& code = findShader(shader);
    const Kernel& k = kernel(code);
    const Pipeline pipeline{compile(k, constants), k.layout, k.setLayout, &k.interface};
    Key key{code.name, {constants.begin(), constants.end()}};
    return m_pipelines.emplace(std::move(key), pipeline).first->second;
}

} // namespace nibble
