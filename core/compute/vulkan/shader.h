// The compiled kernels, and what their SPIR-V says about itself: a new kernel is a .comp file and a call.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nibble {

struct Shader {
    std::string_view name; // of the file, without .comp
    std::span<const uint32_t> code;
};
/// Every kernel of the build, sorted by name.
std::span<const Shader> shaders();
/// Asserts that there is one.
const Shader& findShader(std::string_view name);
/// Another number where a kernel changed.
uint64_t shaderVersion();

/// Buffers of a kernel, at most.
constexpr std::size_t kMostBuffers = 12;

/// Interface of a kernel: storage buffers, or arrays of them, at 0 .. n-1 of set 0, each readonly or writeonly, and
/// push constants.
struct ShaderInterface {
    /// One buffer: element `element` of the array at `number`.
    struct Binding {
        bool reads = false, writes = false;
        uint32_t number = 0, element = 0;
    };
    std::vector<Binding> bindings; // in order
    uint32_t pushBytes = 0;
    bool integerDot = false, matrices = false; // needs the device feature
};
/// Reads it from SPIR-V of our own build; asserts where that breaks our rules (a binding that is neither or both).
ShaderInterface reflect(std::span<const uint32_t> code);

} // namespace nibble
