// Compiled kernels by name and specialization constants, made when they are first needed and kept in the driver's
// cache on disk.
#pragma once

#include <algorithm>
#include <compute/vulkan/gpu.h>
#include <compute/vulkan/shader.h>
#include <filesystem>
#include <map>

namespace nibble {

struct Pipeline {
    VkPipeline handle = VK_NULL_HANDLE;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    VkDescriptorSetLayout setLayout = VK_NULL_HANDLE;
    const ShaderInterface* interface = nullptr;
};

class Pipelines {
public:
    explicit Pipelines(Gpu& gpu);
    /// Writes the cache.
    ~Pipelines();
    Pipelines(const Pipelines&) = delete;
    Pipelines& operator=(const Pipelines&) = delete;

    /// `constants` are the specialization constants 0, 1, ... The reference stays valid. Throws Error{Device}.
    const Pipeline& get(std::string_view shader, std::span<const uint32_t> constants);
    std::size_t count() const { return m_pipelines.size(); }

private:
    struct Kernel {
        ShaderInterface interface;
        VkShaderModule module = VK_NULL_HANDLE;
        VkDescriptorSetLayout setLayout = VK_NULL_HANDLE;
        VkPipelineLayout layout = VK_NULL_HANDLE;
    };
    struct Key {
        std::string_view shader; // of the table of shaders
        std::vector<uint32_t> constants;
    };
    struct KeyView {
        std::string_view shader;
        std::span<const uint32_t> constants;
    };
    struct Less {
        using is_transparent = void;
        template<class A, class B>
        bool operator()(const A& a, const B& b) const {
            if (const int order = a.shader.compare(b.shader)) return order < 0;
            return std::lexicographical_compare(a.constants.begin(), a.constants.end(), b.constants.begin(),
                                                b.constants.end());
        }
    };
    Kernel& kernel(const Shader& shader);
    void makeLayouts(Kernel& kernel);
    VkPipeline compile(const Kernel& kernel, std::span<const uint32_t> constants);
    void loadCache();
    void saveCache();

    Gpu& m_gpu;
    std::filesystem::path m_cacheFile; // empty: none
    std::size_t m_cachedBytes = 0;     // as loaded
    VkPipelineCache m_cache = VK_NULL_HANDLE;
    std::map<std::string_view, Kernel> m_kernels;
    std::map<Key, Pipeline, Less> m_pipelines;
};

} // namespace nibble
