// Compiles every kernel variant that the first Vulkan device would choose, and prints what the driver says of each:
// registers, spills, shared memory, instructions. Runs nothing, so that drivers without their card will do:
//     RADV_FORCE_FAMILY=NAVI21 VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/radeon_icd.x86_64.json vulkan_compile
// Fails where a kernel does not compile or one of the hot ones (products, attention) spills registers.
#include <algorithm>
#include <compute/vulkan/device_features.h>
#include <compute/vulkan/pipelines.h>
#include <compute/vulkan/products.h>
#include <compute/vulkan/shader.h>
#include <compute/vulkan/vulkan_layout.h>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>

using namespace nibble;

namespace {

struct Variant {
    std::string kernel, label;
    std::vector<uint32_t> constants;
};

bool isHot(const Variant& v) {
    return v.kernel.starts_with("mat") || v.kernel == "attention" || v.kernel == "delta_net";
}

Variant variantOf(const KernelCall& call, std::string label) {
    return {std::string(call.kernel),
            std::move(label),
            {call.constants.begin(), call.constants.begin() + call.constantCount}};
}

void addProducts(std::vector<Variant>& list, const PhysicalDevice& device, int terms) {
    ProductTuning tuning =
        productTuning({device.vendor, device.subgroupSize, device.info.type == VulkanDeviceType::Software,
                       device.info.integerDot && device.integerDotFast, device.matrixLanes});
    tuning.terms = terms;
    const std::string precise = terms > 1 ? ", precise" : "";
    list.push_back(variantOf(planQuantizeRows({0, 256}, 1, 256, terms), precise));
    for (const Format* f : formats()) {
        if (terms > 1 && f->codeBits == 0) continue;
        const GpuLayout layout = gpuLayout(*f, 64, 4096), ofExperts = gpuLayout(*f, 64, 4096, kLargestSlice, 8);
        for (int64_t tokens : {1, 2, 4, 8, 32, 512}) {
            const KernelCall call = planProduct(tuning, layout, layout.slices[0], {0, 4096}, tokens, {});
            list.push_back(variantOf(call, std::string(f->name) + " x " + std::to_string(tokens) + precise));
        }
        const ProductPart part{&layout, {}};
        for (int64_t tokens : {1, 2, 4, 8}) {
            if (!mayGoTogether(tuning, part, part, tokens)) continue;
            list.push_back(variantOf(togetherKernel(tuning, layout, 192, {0, 4096}, tokens),
                                     std::string(f->name) + " x " + std::to_string(tokens) + precise));
        }
        for (const uint32_t chosen : {4u, 128u, 1024u}) {
            const ExpertSlots slots{8, 4, 1024, chosen, false};
            const KernelCall call = planProduct(tuning, ofExperts, ofExperts.slices[0], {0, 4096}, chosen, {}, &slots);
            list.push_back(
                variantOf(call, std::string(f->name) + " experts, " + std::to_string(chosen) + " slots" + precise));
        }
    }
}

void addAttention(std::vector<Variant>& list, const PhysicalDevice& device) {
    for (int32_t dim : {64, 128})
        for (KvFormat kv : {KvFormat::F16, KvFormat::Q8_0})
            for (int32_t rows : {1, 256})
                for (int32_t keys : {256, 4096}) {
                    AttentionSpec spec;
                    spec.nHeads = 32;
                    spec.nKvHeads = 8;
                    spec.keyDim = spec.valueDim = dim;
                    const AttentionTiles t = cutAttention(device.info.limits, spec, rows, keys);
                    const auto d = uint32_t(dim);
                    Variant v{"attention", std::to_string(dim) + (kv == KvFormat::F16 ? " F16" : " Q8_0"), {}};
                    v.label += ", " + std::to_string(rows) + " rows, " + std::to_string(keys) + " keys";
                    v.constants = {d,           d,       t.heads,    t.rows,  t.keys, uint32_t(kv),
                                   t.parts > 1, t.lanes, t.laneKeys, t.shares};
                    if (std::ranges::find(list, v.constants, &Variant::constants) == list.end()) list.push_back(v);
                }
}

std::vector<Variant> variants(const PhysicalDevice& device) {
    std::vector<Variant> list;
    for (const int terms : {1, 2}) addProducts(list, device, terms);
    addAttention(list, device);
    for (const uint32_t keyDim : {64u, 128u, 256u, 512u}) // of Qwen3.5: 128
        list.push_back({"delta_net", std::to_string(keyDim), {keyDim, std::min(8u, 1024 / keyDim)}});
    for (const Format* f : formats())
        if (f->codeBits > 0) {
            const auto constants = affineConstants(gpuLayout(*f, 64, 4096));
            list.push_back({"embed", f->name, {constants.begin(), constants.end()}});
        }
    // Kernels that are not listed above have one variant, or variants that hardly differ.
    for (const Shader& shader : shaders()) {
        const ShaderInterface interface = reflect(shader.code);
        const bool unused =
            (interface.integerDot && !device.info.integerDot) || (interface.matrices && !device.info.matrixUnits);
        if (!unused && std::ranges::find(list, shader.name, &Variant::kernel) == list.end())
            list.push_back({std::string(shader.name), "", {}});
    }
    return list;
}

/// A device that says what it made of a pipeline.
class Compiler {
public:
    explicit Compiler(const PhysicalDevice& physical) : m_physical(physical) {
        const float priority = 0;
        VkDeviceQueueCreateInfo queue{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
        queue.queueFamilyIndex = physical.queueFamily;
        queue.queueCount = 1;
        queue.pQueuePriorities = &priority;
        VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executable{
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR};
        executable.pipelineExecutableInfo = VK_TRUE;
        DeviceFeatures features({false, physical.info.integerDot, physical.info.matrixUnits, physical.bufferArrays});
        m_statistics = hasExtension(physical.handle, VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME);
        if (m_statistics) features.add(VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME, executable);
        VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
        features.describe(info);
        info.queueCreateInfoCount = 1;
        info.pQueueCreateInfos = &queue;
        check(vkCreateDevice(physical.handle, &info, nullptr, &m_device), "opening the device");
        volkLoadDeviceTable(&m_api, m_device);
    }
    ~Compiler() { m_api.vkDestroyDevice(m_device, nullptr); }
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;

    using Statistics = std::map<std::string, uint64_t>;
    /// Of all that the pipeline was compiled to, summed. Throws where it does not compile.
    Statistics compile(const Variant& variant) {
        const Shader& shader = findShader(variant.kernel);
        const ShaderInterface interface = reflect(shader.code);
        VkDescriptorSetLayout set = VK_NULL_HANDLE;
        VkPipelineLayout layout = VK_NULL_HANDLE;
        VkShaderModule module = VK_NULL_HANDLE;
        makeLayout(interface, set, layout);
        VkShaderModuleCreateInfo code{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
        code.codeSize = shader.code.size_bytes();
        code.pCode = shader.code.data();
        check(m_api.vkCreateShaderModule(m_device, &code, nullptr, &module), "loading a kernel");

        std::vector<VkSpecializationMapEntry> entries;
        for (uint32_t i = 0; i < variant.constants.size(); ++i) entries.push_back({i, i * 4, 4});
        const VkSpecializationInfo constants{uint32_t(entries.size()), entries.data(), entries.size() * 4,
                                             variant.constants.data()};
        VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
        info.flags = m_statistics ? VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR : 0;
        info.layout = layout;
        info.stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
        info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
        info.stage.module = module;
        info.stage.pName = "main";
        info.stage.pSpecializationInfo = &constants;
        std::optional<MatrixStage> matrices;
        if (interface.matrices) matrices.emplace(m_physical, info.stage);
        VkPipeline pipeline = VK_NULL_HANDLE;
        check(m_api.vkCreateComputePipelines(m_device, VK_NULL_HANDLE, 1, &info, nullptr, &pipeline), "compiling");
        const Statistics result = m_statistics ? statisticsOf(pipeline) : Statistics();
        m_api.vkDestroyPipeline(m_device, pipeline, nullptr);
        m_api.vkDestroyShaderModule(m_device, module, nullptr);
        m_api.vkDestroyPipelineLayout(m_device, layout, nullptr);
        m_api.vkDestroyDescriptorSetLayout(m_device, set, nullptr);
        return result;
    }

private:
    static bool hasExtension(VkPhysicalDevice device, const char* name) {
        uint32_t n = 0;
        vkEnumerateDeviceExtensionProperties(device, nullptr, &n, nullptr);
        std::vector<VkExtensionProperties> list(n);
        vkEnumerateDeviceExtensionProperties(device, nullptr, &n, list.data());
        return std::ranges::any_of(list, [&](const auto& e) { return std::strcmp(e.extensionName, name) == 0; });
    }

    void makeLayout(const ShaderInterface& interface, VkDescriptorSetLayout& set, VkPipelineLayout& layout) {
        const auto bindings = layoutBindings(interface);
        VkDescriptorSetLayoutCreateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
        info.bindingCount = uint32_t(bindings.size());
        info.pBindings = bindings.data();
        check(m_api.vkCreateDescriptorSetLayout(m_device, &info, nullptr, &set), "preparing a kernel");
        const VkPushConstantRange push{VK_SHADER_STAGE_COMPUTE_BIT, 0, interface.pushBytes};
        VkPipelineLayoutCreateInfo whole{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
        whole.setLayoutCount = 1;
        whole.pSetLayouts = &set;
        whole.pushConstantRangeCount = push.size > 0 ? 1 : 0;
        whole.pPushConstantRanges = &push;
        check(m_api.vkCreatePipelineLayout(m_device, &whole, nullptr, &layout), "preparing a kernel");
    }

    Statistics statisticsOf(VkPipeline pipeline) {
        Statistics result;
        VkPipelineInfoKHR which{VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR};
        which.pipeline = pipeline;
        uint32_t executables = 0;
        m_api.vkGetPipelineExecutablePropertiesKHR(m_device, &which, &executables, nullptr);
        for (uint32_t e = 0; e < executables; ++e) {
            VkPipelineExecutableInfoKHR executable{VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR};
            executable.pipeline = pipeline;
            executable.executableIndex = e;
            uint32_t n = 0;
            m_api.vkGetPipelineExecutableStatisticsKHR(m_device, &executable, &n, nullptr);
            std::vector<VkPipelineExecutableStatisticKHR> list(n);
            for (auto& s : list) s.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
            m_api.vkGetPipelineExecutableStatisticsKHR(m_device, &executable, &n, list.data());
            for (const auto& s : list) result[s.name] += s.value.u64;
        }
        return result;
    }

    PhysicalDevice m_physical;
    VkDevice m_device = VK_NULL_HANDLE;
    VolkDeviceTable m_api{};
    bool m_statistics = false;
};

/// The sum of the statistics that a driver gives one of these names.
uint64_t sumOf(const Compiler::Statistics& statistics, std::initializer_list<const char*> names) {
    uint64_t sum = 0;
    for (const char* name : names)
        if (const auto found = statistics.find(name); found != statistics.end()) sum += found->second;
    return sum;
}

int compileAll(const PhysicalDevice& device) {
    std::printf("%s (%s), subgroups of %u, integer dot %s\n", device.info.name.c_str(), device.info.driver.c_str(),
                device.subgroupSize,
                device.integerDotFast    ? "fast"
                : device.info.integerDot ? "slow"
                                         : "missing");
    std::printf("%-21s %-40s %9s %6s %7s %8s %9s %8s\n", "kernel", "variant", "registers", "spills", "shared",
                "instruct", "occupancy", "cycles");
    Compiler compiler(device);
    int compiled = 0, failed = 0, spilling = 0;
    for (const Variant& v : variants(device)) {
        try {
            const auto s = compiler.compile(v);
            const uint64_t spills = sumOf(s, {"Spilled VGPRs", "Spilled SGPRs", "Spill Count", "Fill Count"});
            std::printf("%-21s %-40s %9llu %6llu %7llu %8llu %9llu %8llu%s\n", v.kernel.c_str(), v.label.c_str(),
                        (unsigned long long)sumOf(s, {"VGPRs", "Register Count"}), (unsigned long long)spills,
                        (unsigned long long)sumOf(s, {"LDS size", "Workgroup Memory Size", "Shared Memory Size"}),
                        (unsigned long long)sumOf(s, {"Instructions", "Instruction Count", "Binary Size"}),
                        (unsigned long long)sumOf(s, {"Subgroups per SIMD"}),
                        (unsigned long long)sumOf(s, {"Inverse Throughput", "Cycle Count"}),
                        spills > 0 && isHot(v) ? "  SPILLS" : "");
            ++compiled;
            spilling += spills > 0 && isHot(v);
        } catch (const Error& error) {
            std::printf("%-21s %-40s FAILED: %s\n", v.kernel.c_str(), v.label.c_str(), error.what());
            ++failed;
        }
    }
    std::printf("%s: %d kernels compiled, %d failed, %d hot ones spill\n\n", device.info.name.c_str(), compiled, failed,
                spilling);
    return failed + spilling > 0 ? 1 : 0;
}

} // namespace

int main() {
    try {
        const auto instance = Instance::open();
        const auto devices = instance->devices();
        if (!devices.empty()) return compileAll(devices[0]);
        std::fprintf(stderr, "There is no Vulkan device.\n");
    } catch (const Error& error) {
        std::fprintf(stderr, "%s (%s)\n", error.what(), error.detail.c_str());
    }
    return 1;
}
