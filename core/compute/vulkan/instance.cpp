#include <algorithm>
#include <base/hash.h>
#include <base/text.h>
#include <compute/vulkan/instance.h>
#include <compute/vulkan/products.h>
#include <compute/vulkan/shader.h>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>

namespace nibble {

namespace {

Error noVulkan(const char* message, const std::string& detail) {
    return Error(ErrorKind::NotFound, message, detail,
                 "Install the graphics driver of this computer with its Vulkan part.");
}

/// Whether a device has an extension.
class Extensions {
public:
    explicit Extensions(VkPhysicalDevice device) {
        uint32_t n = 0;
        if (vkEnumerateDeviceExtensionProperties(device, nullptr, &n, nullptr) < 0) return;
        m_list.resize(n);
        if (vkEnumerateDeviceExtensionProperties(device, nullptr, &n, m_list.data()) < 0) m_list.clear();
    }
    bool has(const char* name) const {
        return std::ranges::any_of(m_list, [&](const auto& e) { return std::strcmp(e.extensionName, name) == 0; });
    }

private:
    std::vector<VkExtensionProperties> m_list;
};

VulkanDeviceType typeOf(VkPhysicalDeviceType type) {
    switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
        return VulkanDeviceType::Discrete;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
        return VulkanDeviceType::Integrated;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
        return VulkanDeviceType::Virtual;
    default:
        return VulkanDeviceType::Software;
    }
}

/// The family that computes: best one that does nothing else, so that the desktop's queue stays free. -1: none.
int computeFamily(VkPhysicalDevice device, bool& timestamps) {
    uint32_t n = 0;
    vkGetPhysicalDeviceQueueFamilyProperties(device, &n, nullptr);
    std::vector<VkQueueFamilyProperties> families(n);
    vkGetPhysicalDeviceQueueFamilyProperties(device, &n, families.data());
    int best = -1;
    for (uint32_t i = 0; i < n; ++i) {
        if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) || families[i].queueCount == 0) continue;
        if (best < 0 || !(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT)) {
            best = int(i);
            timestamps = families[i].timestampValidBits > 0;
            if (!(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT)) break;
        }
    }
    return best;
}

/// Size of the largest heap of the device's own, and what is free of it.
void readMemory(PhysicalDevice& d, bool budgetKnown) {
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
    if (budgetKnown) properties.pNext = &budget;
    vkGetPhysicalDeviceMemoryProperties2(d.handle, &properties);
    d.memory = properties.memoryProperties;
    for (uint32_t i = 0; i < d.memory.memoryHeapCount; ++i) {
        const uint64_t size = d.memory.memoryHeaps[i].size;
        if (!(d.memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) || size <= d.info.memoryBytes) continue;
        d.info.memoryBytes = size;
        // Drivers are known to report budgets above the heap's size and usage above the budget.
        const uint64_t limit = std::min(budget.heapBudget[i], size);
        d.info.availableBytes = budgetKnown ? limit - std::min(limit, budget.heapUsage[i]) : size / 5 * 4;
    }
}

VulkanLimits limitsOf(const PhysicalDevice& d) {
    VulkanLimits limits;
    limits.maxRange = std::min<uint64_t>(d.limits.maxStorageBufferRange, d.maxAllocation);
    limits.sharedBytes = std::min(d.limits.maxComputeSharedMemorySize, 32u << 10);
    // The number of cores is no part of Vulkan. Software devices run a few workgroups at a time.
    limits.wantedGroups = d.info.type == VulkanDeviceType::Software ? 8 : 128;
    return limits;
}

/// Whether subgroups multiply 16 x 16 x 16 values of f16 and sum in f32.
bool multipliesHalves(VkPhysicalDevice device) {
    const auto list = reinterpret_cast<PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR>(
        vkGetInstanceProcAddr(volkGetLoadedInstance(), "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
    uint32_t n = 0;
    if (!list || list(device, &n, nullptr) < 0) return false;
    std::vector<VkCooperativeMatrixPropertiesKHR> shapes(n, {VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR});
    if (list(device, &n, shapes.data()) < 0) return false;
    return std::ranges::any_of(shapes, [](const VkCooperativeMatrixPropertiesKHR& s) {
        return s.MSize == 16 && s.NSize == 16 && s.KSize == 16 && s.AType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
               s.BType == VK_COMPONENT_TYPE_FLOAT16_KHR && s.CType == VK_COMPONENT_TYPE_FLOAT32_KHR &&
               s.ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR && s.scope == VK_SCOPE_SUBGROUP_KHR;
    });
}

/// The subgroup size that kernels for matrix units are compiled for; 0: the device lacks something that they need.
uint32_t matrixLanes(VkPhysicalDevice device, const Extensions& extensions, const PhysicalDevice& d) {
    if (d.limits.maxComputeSharedMemorySize < sharedBytes(kMatrixTiles[0]) ||
        !extensions.has(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME) ||
        !extensions.has(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME))
        return 0;
    VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrices{};
    matrices.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR;
    VkPhysicalDeviceShaderFloat16Int8Features halves{};
    halves.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES;
    halves.pNext = &matrices;
    VkPhysicalDeviceVulkanMemoryModelFeatures model{};
    model.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES;
    model.pNext = &halves;
    VkPhysicalDeviceSubgroupSizeControlFeatures sizes{};
    sizes.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES;
    sizes.pNext = &model;
    VkPhysicalDeviceFeatures2 features{};
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
    features.pNext = &sizes;
    vkGetPhysicalDeviceFeatures2(device, &features);
    VkPhysicalDeviceSubgroupSizeControlProperties range{};
    range.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    properties.pNext = &range;
    vkGetPhysicalDeviceProperties2(device, &properties);
    const bool all = matrices.cooperativeMatrix && halves.shaderFloat16 && model.vulkanMemoryModel &&
                     sizes.subgroupSizeControl && sizes.computeFullSubgroups &&
                     (range.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT);
    return all && multipliesHalves(device) ? d.subgroupSize : 0;
}

PhysicalDevice describe(VkPhysicalDevice handle) {
    PhysicalDevice d;
    d.handle = handle;
    VkPhysicalDeviceProperties basic;
    vkGetPhysicalDeviceProperties(handle, &basic);
    d.info.name = printable(basic.deviceName);
    d.info.type = typeOf(basic.deviceType);
    d.apiVersion = basic.apiVersion;
    d.vendor = basic.vendorID;
    d.limits = basic.limits;
    std::memcpy(d.cacheUuid, basic.pipelineCacheUUID, VK_UUID_SIZE);
    const auto refuse = [&](const char* why) {
        d.info.usable = false;
        if (d.info.whyNot.empty()) d.info.whyNot = why;
    };
    if (basic.apiVersion < VK_API_VERSION_1_2) {
        refuse("Its driver is too old: it does not offer Vulkan 1.2.");
        return d;
    }
    const Extensions extensions(handle);
    const bool dotExtension = extensions.has(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME);
    d.pushDescriptors = extensions.has(VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME);

    VkPhysicalDeviceShaderIntegerDotProductProperties dotLimits{};
    dotLimits.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES;
    VkPhysicalDeviceMaintenance3Properties maintenance{};
    maintenance.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
    maintenance.pNext = dotExtension ? &dotLimits : nullptr;
    VkPhysicalDeviceSubgroupProperties subgroups{};
    subgroups.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES;
    subgroups.pNext = &maintenance;
    VkPhysicalDeviceIDProperties id{};
    id.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    properties.pNext = &subgroups;
    vkGetPhysicalDeviceProperties2(handle, &properties);
    d.maxAllocation = maintenance.maxMemoryAllocationSize;
    d.info.limits = limitsOf(d);
    d.subgroupSize = subgroups.subgroupSize;
    d.integerDotFast = dotLimits.integerDotProduct4x8BitPackedSignedAccelerated;
    d.matrixLanes = matrixLanes(handle, extensions, d);
    d.info.matrixUnits = d.info.limits.matrixUnits = d.matrixLanes > 0;

    VkPhysicalDeviceDriverProperties driver{};
    driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
    driver.pNext = &id;
    properties.pNext = &driver;
    vkGetPhysicalDeviceProperties2(handle, &properties);
    d.info.driver = printable(std::string(driver.driverName) + " " + driver.driverInfo);
    for (uint8_t byte : id.deviceUUID) d.info.uuid += format("%02x", byte);
    uint64_t key = hashOf(std::as_bytes(std::span(d.cacheUuid)), shaderVersion()); // of the driver's build
    key = hashOf(std::as_bytes(std::span(d.info.driver)), key);
    d.info.testKey = format("%s-%016llx", d.info.uuid.c_str(), static_cast<unsigned long long>(key));

    VkPhysicalDeviceShaderIntegerDotProductFeatures dot{};
    dot.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES;
    VkPhysicalDeviceTimelineSemaphoreFeatures timeline{};
    timeline.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES;
    timeline.pNext = dotExtension ? &dot : nullptr;
    VkPhysicalDeviceFeatures2 features{};
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
    features.pNext = &timeline;
    vkGetPhysicalDeviceFeatures2(handle, &features);
    d.info.integerDot = dot.shaderIntegerDotProduct;
    d.bufferArrays =
        features.features.shaderStorageBufferArrayDynamicIndexing &&
        std::min(d.limits.maxPerStageDescriptorStorageBuffers, d.limits.maxDescriptorSetStorageBuffers) >= kMostBuffers;

    const int family = computeFamily(handle, d.timestamps);
    d.queueFamily = uint32_t(std::max(family, 0));
    readMemory(d, extensions.has(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME));
    if (family < 0) refuse("It cannot compute, only draw.");
    if (!timeline.timelineSemaphore) refuse("Its driver lacks timeline semaphores.");
    if (!(subgroups.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) ||
        !(subgroups.supportedOperations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT))
        refuse("Its driver lacks subgroup arithmetic.");
    if (d.info.type == VulkanDeviceType::Software && !softwareDevicesAllowed())
        refuse("It computes on the processor, which Nibble does faster by itself.");
    return d;
}

int rank(const VulkanDevice& d) { return (d.usable ? 0 : 10) + int(d.type); }

} // namespace

bool softwareDevicesAllowed() {
    const char* value = std::getenv("NIBBLE_VULKAN_SOFTWARE");
    return value && std::strcmp(value, "1") == 0;
}

std::shared_ptr<Instance> Instance::open(const char* loader) {
    static std::mutex mutex;
    static auto* const kept =
        new std::map<std::string, std::shared_ptr<Instance>>; // drivers dislike static destructors
    const std::lock_guard lock(mutex);
    if (const auto found = kept->find(loader); found != kept->end()) return found->second;

    std::shared_ptr<Instance> instance(new Instance);
    instance->m_library = dlopen(loader, RTLD_NOW | RTLD_LOCAL);
    if (!instance->m_library) throw noVulkan("Vulkan is not installed on this computer.", dlerror());
    const auto entry = reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(instance->m_library, "vkGetInstanceProcAddr"));
    if (!entry) throw noVulkan("Vulkan is not installed properly on this computer.", loader);
    volkInitializeCustom(entry);

    VkApplicationInfo application{};
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
    application.pApplicationName = application.pEngineName = "Nibble";
    application.apiVersion = VK_API_VERSION_1_3; // devices of 1.2 will do
    VkInstanceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.pApplicationInfo = &application;
    if (!vkCreateInstance) throw noVulkan("Vulkan is not installed properly on this computer.", loader);
    const VkResult result = vkCreateInstance(&info, nullptr, &instance->m_instance);
    if (result < 0) throw noVulkan("This computer has no graphics driver with Vulkan.", resultName(result));
    volkLoadInstanceOnly(instance->m_instance);
    kept->emplace(loader, instance);
    return instance;
}

Instance::~Instance() {
    if (m_instance) vkDestroyInstance(m_instance, nullptr);
    if (m_library) dlclose(m_library);
}

std::vector<PhysicalDevice> Instance::devices() const {
    uint32_t n = 0;
    if (vkEnumeratePhysicalDevices(m_instance, &n, nullptr) < 0) return {};
    std::vector<VkPhysicalDevice> handles(n);
    if (vkEnumeratePhysicalDevices(m_instance, &n, handles.data()) < 0) return {};
    std::vector<PhysicalDevice> devices;
    for (VkPhysicalDevice handle : handles) devices.push_back(describe(handle));
    std::ranges::stable_sort(devices, {}, [](const PhysicalDevice& d) { return rank(d.info); });

    std::vector<PhysicalDevice> distinct;
    for (PhysicalDevice& d : devices) {
        const auto same = [&](const PhysicalDevice& e) { return !d.info.uuid.empty() && d.info.uuid == e.info.uuid; };
        if (std::ranges::none_of(distinct, same)) distinct.push_back(std::move(d));
    }
    return distinct;
}

VulkanDevices vulkanDevices() {
    VulkanDevices result;
    try {
        for (PhysicalDevice& d : Instance::open()->devices()) result.devices.push_back(std::move(d.info));
        if (result.devices.empty()) result.whyNone = "The graphics drivers of this computer offer no device.";
    } catch (const std::exception& e) {
        result.whyNone = e.what();
    }
    return result;
}

std::string vulkanKernels() {
    const auto all = shaders();
    int dots = 0, matrices = 0;
    for (const Shader& s : all) {
        const ShaderInterface interface = reflect(s.code);
        dots += interface.integerDot;
        matrices += interface.matrices;
    }
    return format("%zu kernels, %d of them with integer dot products, %d for matrix units", all.size(), dots, matrices);
}

} // namespace nibble
