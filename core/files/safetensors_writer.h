// Writing a .safetensors file. Source: huggingface/safetensors README, "Format".
#pragma once

#include <base/atomic_file.h>
#include <string>
#include <vector>

namespace nibble {

class SafetensorsWriter {
public:
    struct Declaration {
        std::string name, dtype;    // "F16"
        std::vector<int64_t> shape; // outermost first
        uint64_t bytes = 0;
    };

    /// The tensors are written in this order. Throws as AtomicFile does.
    SafetensorsWriter(const std::filesystem::path& target, const std::vector<Declaration>& tensors);
    /// The next bytes of the tensors, one behind the other.
    void write(std::span<const std::byte> bytes) { m_file.write(bytes); }
    /// All bytes have been written.
    void commit();

    static uint64_t fileBytesOf(const std::vector<Declaration>& tensors);

private:
    SafetensorsWriter(const std::filesystem::path& target, const std::string& header, uint64_t fileBytes);

    uint64_t m_bytes;
    AtomicFile m_file;
};

} // namespace nibble
