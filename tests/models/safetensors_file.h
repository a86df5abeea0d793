// Writes .safetensors files, for tests of what reads them.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace nibble::test {

struct StoredTensor {
    std::string dtype;
    std::vector<int64_t> shape;
    std::string bytes;
};
using StoredTensors = std::map<std::string, StoredTensor>;

/// In the order of their names; the data is aligned to 8 bytes.
inline void writeSafetensors(const std::filesystem::path& file, const StoredTensors& tensors) {
    nlohmann::json header;
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        header[name] = {{"dtype", tensor.dtype},
                        {"shape", tensor.shape},
                        {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
        data += tensor.bytes;
    }
    std::string text = header.dump();
    text.append(8 - text.size() % 8, ' ');
    const uint64_t size = text.size();
    std::filesystem::remove(file); // it may be mapped
    std::ofstream(file, std::ios::binary) << std::string(reinterpret_cast<const char*>(&size), 8) << text << data;
}

} // namespace nibble::test
