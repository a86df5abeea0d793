// GGUF and safetensors files byte by byte, sound or not: what the tests of the readers mutate.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace nibble::test {

/// Little-endian values one after the other.
class ByteString {
public:
    std::string bytes;

    template<class T>
    ByteString& put(T value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
        return *this;
    }
    ByteString& text(const std::string& value) {
        put(uint64_t(value.size()));
        bytes += value;
        return *this;
    }
    /// Overwrites the bytes at `at`.
    template<class T>
    ByteString& patch(std::size_t at, T value) {
        std::memcpy(bytes.data() + at, &value, sizeof(T));
        return *this;
    }
};

/// A metadata entry: type number and the value's bytes (for an array: element type, count, elements).
struct RawEntry {
    std::string key;
    uint32_t type = 0;
    std::string value;
};

inline RawEntry textEntry(const std::string& key, const std::string& value) {
    return {key, 8, ByteString().text(value).bytes};
}
template<class T>
RawEntry entry(const std::string& key, uint32_t type, T value) {
    return {key, type, ByteString().put(value).bytes};
}

struct RawTensor {
    std::string name;
    std::vector<int64_t> shape;
    uint32_t type = 0;
    uint64_t offset = 0;
};

/// A file with every field open to change. sound() is a small valid one: two F32 tensors and one Q8_0.
struct RawGguf {
    uint32_t magic = 0x46554747, version = 3;
    std::vector<RawEntry> entries;
    std::vector<RawTensor> tensors;
    int64_t extraTensors = 0, extraEntries = 0; // added to the counts
    uint64_t alignment = 32, dataBytes = 0;

    static RawGguf sound() {
        RawGguf g;
        g.entries = {
            textEntry("general.architecture", "llama"),
            textEntry("general.name", "Tiny"),
            entry("llama.block_count", 4, uint32_t(1)),
            {"tokenizer.ggml.tokens", 9, ByteString().put(uint32_t(8)).put(uint64_t(2)).text("a").text("b").bytes}};
        g.tensors = {{"token_embd.weight", {32, 2}, 0, 0},
                     {"output_norm.weight", {32}, 0, 256},
                     {"blk.0.attn_q.weight", {32, 3}, 8, 384}};
        g.dataBytes = 384 + 128; // 102 bytes of Q8_0, padded
        return g;
    }

    RawEntry& at(const std::string& key) {
        for (RawEntry& e : entries)
            if (e.key == key) return e;
        entries.push_back({key, 0, {}});
        return entries.back();
    }

    std::string header() const {
        ByteString out;
        out.put(magic)
            .put(version)
            .put(int64_t(tensors.size()) + extraTensors)
            .put(int64_t(entries.size()) + extraEntries);
        for (const RawEntry& e : entries) {
            out.text(e.key).put(e.type);
            out.bytes += e.value;
        }
        for (const RawTensor& t : tensors) {
            out.text(t.name).put(uint32_t(t.shape.size()));
            for (const int64_t n : t.shape) out.put(n);
            out.put(t.type).put(t.offset);
        }
        return out.bytes;
    }
    std::string bytes() const {
        std::string out = header();
        out.resize((out.size() + alignment - 1) / alignment * alignment);
        for (uint64_t i = 0; i < dataBytes; ++i) out.push_back(char(i % 100 == 0 ? 0 : 1));
        return out;
    }
};

inline std::filesystem::path writeBytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

/// A safetensors file of this header and `dataBytes` of data.
inline std::string safetensorsBytes(const std::string& header, std::size_t dataBytes) {
    return ByteString().put(uint64_t(header.size())).bytes + header + std::string(dataBytes, '\x01');
}

} // namespace nibble::test
