// GGUF v2/v3 containers: reading (mapped, split files merged) and writing. Numbers are never interpreted here.
// Source: ggml docs/gguf.md and what gguf.cpp enforces (notes/quantization 1.3).
#pragma once

#include <base/mapped_file.h>
#include <cstdint>
#include <filesystem>
#include <formats/format.h>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nibble {

/// A metadata value. Arrays are homogeneous and flat (nested arrays are rejected).
using GgufValue =
    std::variant<uint8_t, int8_t, uint16_t, int16_t, uint32_t, int32_t, float, bool, std::string, uint64_t, int64_t,
                 double, std::vector<uint8_t>, std::vector<int8_t>, std::vector<uint16_t>, std::vector<int16_t>,
                 std::vector<uint32_t>, std::vector<int32_t>, std::vector<float>, std::vector<bool>,
                 std::vector<std::string>, std::vector<uint64_t>, std::vector<int64_t>, std::vector<double>>;

/// Key-value pairs in file order. Getters throw Error{BadFile} naming file and key where a value has the wrong type or
/// is out of range, and return nullopt where the key is absent.
class GgufMetadata {
public:
    std::string origin;                         // file name for error messages
    void set(std::string key, GgufValue value); // replaces in place
    void remove(std::string_view key);
    const GgufValue* find(std::string_view key) const;
    std::span<const std::pair<std::string, GgufValue>> entries() const { return m_entries; }

    std::optional<std::string> string(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<double> number(std::string_view key) const;                             // any numeric type, finite
    std::optional<int64_t> integer(std::string_view key, int64_t min, int64_t max) const; // any integer type
    std::optional<std::vector<int64_t>> integers(std::string_view key, int64_t min,
                                                 int64_t max) const; // array, or scalar as one
    const std::vector<std::string>* strings(std::string_view key) const;
    std::optional<std::vector<float>> floats(std::string_view key) const;
    std::optional<std::vector<bool>> booleans(std::string_view key) const;
    /// As above but a missing key throws Error{BadFile}.
    std::string requireString(std::string_view key) const;
    int64_t requireInteger(std::string_view key, int64_t min, int64_t max) const;
    double requireNumber(std::string_view key) const;

private:
    std::vector<std::pair<std::string, GgufValue>> m_entries;
    std::map<std::string, std::size_t, std::less<>> m_index;
};

struct GgufTensor {
    std::string name;
    uint32_t type = 0;               // GGUF id; may be one that Nibble does not know (format(): findFormat(type))
    std::vector<int64_t> shape;      // ne[0] first, 1..4 entries >= 1
    const std::byte* data = nullptr; // in the mapping; null where the type is unknown to us
    uint64_t bytes = 0;
};

/// A GGUF file, or all shards of a split one, mapped.
class GgufFile {
public:
    /// `path` may be any shard. Throws Error naming file and field for everything that is not a sound file.
    explicit GgufFile(const std::filesystem::path& path);
    const std::filesystem::path& path() const { return m_path; }
    const GgufMetadata& metadata() const { return m_metadata; } // split.* keys removed
    std::span<const GgufTensor> tensors() const { return m_tensors; }
    const GgufTensor* find(std::string_view name) const;
    uint64_t fileBytes() const;
    void check() const; // MappedFile::check of every shard
    /// Keeps the mappings alive.
    std::shared_ptr<const void> owner() const { return m_files; }

private:
    std::filesystem::path m_path;
    GgufMetadata m_metadata;
    std::vector<GgufTensor> m_tensors;
    std::map<std::string, std::size_t, std::less<>> m_index;
    std::shared_ptr<std::vector<std::unique_ptr<MappedFile>>> m_files;
};

/// Writes a GGUF v3 file in one pass: declare all tensors, then stream their bytes in the declared order.
class GgufWriter {
public:
    struct Declaration {
        std::string name;
        FormatId format;
        std::vector<int64_t> shape; // ne[0] first
    };
    /// Where everything will lie in the file.
    struct Layout {
        struct Place {
            uint64_t begin = 0, bytes = 0, end = 0; // end: with the padding behind it
        };
        std::string header; // the file's first bytes, padding included
        std::vector<Place> tensors;
        uint64_t fileBytes() const { return tensors.empty() ? header.size() : tensors.back().end; }
    };
    static Layout layoutOf(const GgufMetadata& metadata, std::span<const Declaration> tensors);

    /// A file that survives a kill: written at `partial` until commit(), where header and the first `tensors` tensors
    /// are complete already if there are any.
    struct Continued {
        std::filesystem::path partial;
        std::size_t tensors = 0;
    };
    /// Computes offsets, checks the disk's free space and writes the header. alignment 32 unless metadata says
    /// otherwise.
    GgufWriter(const std::filesystem::path& target, const GgufMetadata& metadata, std::vector<Declaration> tensors,
               bool replace = true, const std::optional<Continued>& continued = {});
    ~GgufWriter();
    /// The next bytes of the current tensor; moves on by itself when one is complete (padding included).
    void write(std::span<const std::byte> bytes);
    /// All tensors complete (asserted): fsync, rename.
    void commit();
    /// Size of the finished file in bytes.
    uint64_t fileBytes() const;
    /// The size a file with this metadata and these tensors will have, exactly.
    static uint64_t fileBytesOf(const GgufMetadata& metadata, std::span<const Declaration> tensors);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace nibble
