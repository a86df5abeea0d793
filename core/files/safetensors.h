// safetensors files (and their sharded index), mapped read-only. Source: huggingface/safetensors README, "Format".
#pragma once

#include <base/mapped_file.h>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

struct SafeTensor {
    std::string name;
    std::string dtype;          // "BF16", "F16", "F32", "I32", ... as written
    std::vector<int64_t> shape; // outermost first, as written; may be empty (scalar)
    const std::byte* data = nullptr;
    uint64_t bytes = 0;
};

/// All tensors of a folder: model.safetensors, or the shards that model.safetensors.index.json names (a shard named
/// outside the folder, a missing shard, a tensor that is listed twice or missing: Error naming file and tensor).
class SafeTensors {
public:
    explicit SafeTensors(const std::filesystem::path& folder);
    std::span<const SafeTensor> tensors() const { return m_tensors; } // sorted by name
    const SafeTensor* find(std::string_view name) const;
    uint64_t fileBytes() const;
    void check() const;
    std::shared_ptr<const void> owner() const { return m_files; }

private:
    std::vector<SafeTensor> m_tensors;
    std::map<std::string, std::size_t, std::less<>> m_index;
    std::shared_ptr<std::vector<std::unique_ptr<MappedFile>>> m_files;
};

} // namespace nibble
