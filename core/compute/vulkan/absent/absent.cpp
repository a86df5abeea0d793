// What a build without the Vulkan backend (NIBBLE_VULKAN=OFF) answers.
#include <compute/vulkan/vulkan.h>
#include <nibble/error.h>

namespace nibble {

namespace {
constexpr const char* kWhy = "This build of Nibble runs models on the processor only.";
}

VulkanDevices vulkanDevices() { return {{}, kWhy}; }

std::string vulkanKernels() { return "none: built with NIBBLE_VULKAN=OFF"; }

std::unique_ptr<Backend> makeVulkanBackend(ThreadPool&, const VulkanOptions&) {
    throw Error(ErrorKind::NotFound, kWhy, "built with NIBBLE_VULKAN=OFF");
}

} // namespace nibble
