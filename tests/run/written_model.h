// Golden folders written as GGUF files with other keys, for cases that the goldens do not have.
#pragma once

#include <files/gguf.h>
#include <functional>
#include <models/model_source.h>
#include <text/tokenizer.h>
#include <unistd.h>

namespace nibble::test {

/// A temporary file name that is removed at the end.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& name)
        : path(std::filesystem::temp_directory_path() / (std::to_string(getpid()) + "_" + name)) {}
    ~TemporaryFile() { std::filesystem::remove(path); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::filesystem::path path;
};

/// Writes the model of a folder to `target` after `change` had its way with the keys.
inline void writeModel(const std::filesystem::path& folder, const std::filesystem::path& target,
                       const std::function<void(GgufMetadata&)>& change) {
    const auto source = openModel(folder);
    GgufMetadata keys = source->metadata();
    addTokenizerKeys(folder, int32_t(source->find("token_embd.weight")->rows), keys);
    change(keys);
    std::vector<GgufWriter::Declaration> tensors;
    for (const WeightRows& t : source->tensors())
        tensors.push_back({t.name, t.format, t.dims == 1 ? std::vector{t.cols} : std::vector{t.cols, t.rows}});
    GgufWriter writer(target, keys, tensors);
    for (const WeightRows& t : source->tensors())
        for (int64_t r = 0; r < t.rows; ++r) writer.write({t.row(r), t.rowBytes()});
    writer.commit();
}

} // namespace nibble::test
