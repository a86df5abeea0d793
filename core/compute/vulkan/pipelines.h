// Compiled kernels by name and specialization constants, made when they are first needed, or beside other work before
// that, and kept in the driver's cache on disk.
#pragma once

#include <algorithm>
#include <compute/vulkan/gpu.h>
#include <compute/vulkan/shader.h>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

namespace nibble {

struct Pipeline {
    VkPipeline handle = VK_NULL_HANDLE;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    VkDescriptorSetLayout setLayout = VK_NULL_HANDLE;
    const ShaderInterface* interface = nullptr;
};

/// As descriptor set layouts say it.
std::vector<VkDescriptorSetLayoutBinding> layoutBindings(const ShaderInterface& interface);

class Pipelines {
public:
    explicit Pipelines(Gpu& gpu);
    /// Writes the cache.
    ~Pipelines();
    Pipelines(const Pipelines&) = delete;
    Pipelines& operator=(const Pipelines&) = delete;

    /// `constants` are the specialization constants 0, 1, ... The reference stays valid. Throws Error{Device}.
    const Pipeline& get(std::string_view shader, std::span<const uint32_t> constants);
    /// Has it compiled by a thread of its own, unless it is there; get() waits for it where it is under way.
    void prefetch(std::string_view shader, std::span<const uint32_t> constants);
    std::size_t count() const { return m_pipelines.size(); }
    /// Whether none is wanted any more, or under way.
    bool idle();
    /// How many were compiled while get() waited.
    std::size_t compiledLate() const { return m_compiledLate; }

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
    enum class State : uint8_t { Wanted, Compiling, Ready, Failed };
    struct Entry {
        State state = State::Wanted;
        Pipeline pipeline;
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
    using Entries = std::map<Key, Entry, Less>;
    /// With m_mutex locked: the entry, which may be new.
    Entries::value_type& entryOf(std::string_view shader, std::span<const uint32_t> constants);
    /// Compiles an entry that is wanted; `lock` is let go meanwhile. Throws Error{Device}.
    void compileEntry(Entries::value_type& entry, std::unique_lock<std::mutex>& lock);
    void work(const std::stop_token& stop); // of a worker
    void loadCache();
    void saveCache();

    Gpu& m_gpu;
    std::filesystem::path m_cacheFile; // empty: none
    std::size_t m_cachedBytes = 0;     // as loaded
    VkPipelineCache m_cache = VK_NULL_HANDLE;
    std::size_t m_compiledLate = 0;
    std::mutex m_mutex; // of what follows
    std::condition_variable_any m_changed;
    std::map<std::string_view, Kernel> m_kernels;
    Entries m_pipelines;
    std::deque<Entries::value_type*> m_wanted;
    std::vector<std::jthread> m_workers; // started by the first prefetch()
};

} // namespace nibble
