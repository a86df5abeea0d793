#define VOLK_IMPLEMENTATION
#include <compute/vulkan/api.h>

#include <string>

namespace nibble {

const char* resultName(VkResult result) {
    switch (result) {
#define NAME(r)                                                                                                        \
    case r:                                                                                                            \
        return #r
        NAME(VK_SUCCESS);
        NAME(VK_NOT_READY);
        NAME(VK_TIMEOUT);
        NAME(VK_INCOMPLETE);
        NAME(VK_ERROR_OUT_OF_HOST_MEMORY);
        NAME(VK_ERROR_OUT_OF_DEVICE_MEMORY);
        NAME(VK_ERROR_INITIALIZATION_FAILED);
        NAME(VK_ERROR_DEVICE_LOST);
        NAME(VK_ERROR_MEMORY_MAP_FAILED);
        NAME(VK_ERROR_LAYER_NOT_PRESENT);
        NAME(VK_ERROR_EXTENSION_NOT_PRESENT);
        NAME(VK_ERROR_FEATURE_NOT_PRESENT);
        NAME(VK_ERROR_INCOMPATIBLE_DRIVER);
        NAME(VK_ERROR_TOO_MANY_OBJECTS);
        NAME(VK_ERROR_FRAGMENTED_POOL);
        NAME(VK_ERROR_OUT_OF_POOL_MEMORY);
        NAME(VK_ERROR_INVALID_SHADER_NV);
#undef NAME
    default:
        return "an unknown VkResult";
    }
}

void check(VkResult result, const char* what) {
    if (result >= 0) return;
    const std::string detail = std::string(what) + ": " + resultName(result);
    if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY)
        throw Error(ErrorKind::NoMemory, "The graphics card has not enough free memory.", detail,
                    "Close other programs that use it, or run the model on the processor.");
    throw Error(ErrorKind::Device,
                result == VK_ERROR_DEVICE_LOST ? "The graphics card stopped working."
                                               : "The graphics card's driver reported an error.",
                detail, "Run the model on the processor.");
}

} // namespace nibble
