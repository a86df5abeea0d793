#include <algorithm>
#include <array>
#include <base/text.h>
#include <cstring>
#include <files/damaged.h>
#include <fstream>
#include <models/described_model.h>

namespace nibble {

namespace fs = std::filesystem;

namespace {

bool startsWithMagic(const fs::path& path) {
    std::array<char, 4> magic{};
    std::ifstream in(path, std::ios::binary);
    return in.read(magic.data(), magic.size()) && std::memcmp(magic.data(), "GGUF", 4) == 0;
}

bool isPickle(const fs::path& path) {
    static constexpr std::array<std::string_view, 5> kExtensions{".bin", ".pt", ".pth", ".ckpt", ".pkl"};
    return std::ranges::find(kExtensions, path.extension().string()) != kExtensions.end();
}

[[noreturn]] void throwPickle(const fs::path& path) {
    throw Error(ErrorKind::Unsupported,
                "This model is stored in PyTorch's old format (.bin, .pt), which can hide programs and which Nibble "
                "does not open.",
                printable(path.string(), 1000),
                "Get the model as .safetensors or .gguf, or convert it to .safetensors first.");
}

/// Says what a folder without config.json and weights is instead.
[[noreturn]] void throwNoModel(const fs::path& folder) {
    std::error_code ignored;
    for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored)) {
        if (it->path().extension() == ".gguf")
            throw Error(ErrorKind::NotFound,
                        "The folder " + shownFileName(folder) + " holds GGUF files; one of them is the model.",
                        printable(it->path().string(), 1000), "Choose the file " + shownFileName(it->path()) + ".");
    }
    throw Error(ErrorKind::NotFound, "There is no model in the folder " + shownFileName(folder) + ".",
                printable(folder.string(), 1000) + ": no config.json",
                "Choose a .gguf file, or a folder with config.json and model.safetensors.");
}

DescribedModel describeFolder(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::exists(folder / "config.json", ignored)) throwNoModel(folder);
    if (!fs::exists(folder / "model.safetensors", ignored) &&
        !fs::exists(folder / "model.safetensors.index.json", ignored)) {
        for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored))
            if (isPickle(it->path())) throwPickle(it->path());
        throw Error(ErrorKind::NotFound, "The weights of this model are missing.",
                    printable(folder.string(), 1000) + ": no model.safetensors and no model.safetensors.index.json",
                    "Download the model again, with all its files.");
    }
    return describeHuggingFace(folder);
}

} // namespace

const WeightRows* ModelSource::find(std::string_view name) const {
    const auto all = tensors();
    const auto it = std::ranges::find(all, name, &WeightRows::name);
    return it == all.end() ? nullptr : &*it;
}

DescribedModel describeModel(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error); // follows links, and fails on a loop of them
    if (fs::is_directory(status)) return describeFolder(path.filename().empty() ? path.parent_path() : path);
    if (!fs::is_regular_file(status) || path.extension() == ".gguf" || startsWithMagic(path)) return describeGguf(path);
    if (path.extension() == ".safetensors" || path.extension() == ".json")
        return describeFolder(path.has_parent_path() ? path.parent_path() : fs::path("."));
    if (isPickle(path)) throwPickle(path);
    throw Error(ErrorKind::BadFile, "The file " + shownFileName(path) + " is not a model.",
                printable(path.string(), 1000),
                "Choose a .gguf file, or a folder with config.json and model.safetensors.");
}

std::unique_ptr<ModelSource> openModel(const fs::path& path) {
    DescribedModel model = describeModel(path);
    if (model.problem) throw *model.problem;
    return std::move(model.source);
}

std::unique_ptr<Tokenizer> tokenizerOf(const ModelSource& source) {
    return source.isHuggingFace() ? tokenizerFromFolder(source.path()) : tokenizerFromGguf(source.metadata());
}

} // namespace nibble
