#include <files/safetensors_writer.h>

#include <base/checked.h>
#include <cassert>
#include <cstring>
#include <nlohmann/json.hpp>

namespace nibble {

namespace {

uint64_t dataBytes(const std::vector<SafetensorsWriter::Declaration>& tensors) {
    uint64_t sum = 0;
    for (const auto& tensor : tensors) sum = checkedAdd(sum, tensor.bytes, tensor.name);
    return sum;
}

/// With its length before it, and filled with spaces so that the data begins at a multiple of 8.
std::string headerOf(const std::vector<SafetensorsWriter::Declaration>& tensors) {
    nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}}; // without it transformers refuses the file
    uint64_t at = 0;
    for (const auto& tensor : tensors) {
        header[tensor.name] = {
            {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {at, at + tensor.bytes}}};
        at += tensor.bytes;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    const uint64_t size = text.size();
    std::string whole(sizeof size, '\0');
    std::memcpy(whole.data(), &size, sizeof size);
    return whole + text;
}

} // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& target, const std::vector<Declaration>& tensors)
    : SafetensorsWriter(target, headerOf(tensors), fileBytesOf(tensors)) {}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& target, const std::string& header, uint64_t fileBytes)
    : m_bytes(fileBytes), m_file(target, fileBytes, false) {
    m_file.write(std::as_bytes(std::span(header)));
}

void SafetensorsWriter::commit() {
    assert(m_file.size() == m_bytes);
    m_file.commit();
}

uint64_t SafetensorsWriter::fileBytesOf(const std::vector<Declaration>& tensors) {
    return headerOf(tensors).size() + dataBytes(tensors);
}

} // namespace nibble
