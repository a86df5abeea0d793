// Vulkan itself, loaded through volk: included only in this folder.
#pragma once

#define VK_NO_PROTOTYPES
#include <volk.h>

#include <nibble/error.h>

namespace nibble {

/// "VK_ERROR_DEVICE_LOST"
const char* resultName(VkResult result);

/// Throws Error{NoMemory} where memory is short, else Error{Device}, for a result that is an error. `what` says what
/// was tried: "submitting work".
void check(VkResult result, const char* what);

} // namespace nibble
