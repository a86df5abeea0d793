#include <algorithm>
#include <array>
#include <base/text.h>
#include <files/json_file.h>
#include <models/model_label.h>
#include <nibble/error.h>

namespace nibble {

namespace fs = std::filesystem;

uint64_t parametersOf(const TensorSummary& tensor) {
    uint64_t n = 1; // cannot overflow: readers have checked that the bytes are there
    for (const int64_t d : tensor.shape) n *= uint64_t(d);
    return n;
}

std::string sizeLabelOf(uint64_t parameters) {
    static constexpr std::array<std::pair<double, char>, 4> kUnits{{{1e12, 'T'}, {1e9, 'B'}, {1e6, 'M'}, {1e3, 'K'}}};
    for (const auto& [unit, letter] : kUnits) {
        const double value = double(parameters) / unit;
        if (value < 0.9995) continue;
        std::string text = format(value < 9.95 ? "%.1f" : "%.0f", value);
        if (text.ends_with(".0")) text.resize(text.size() - 2);
        return text + letter;
    }
    return std::to_string(parameters);
}

std::string folderModelName(const fs::path& folder) {
    std::error_code ignored;
    fs::path path = fs::absolute(folder, ignored).lexically_normal();
    if (path.filename().empty()) path = path.parent_path();
    std::string name = path.filename().string();
    if (path.parent_path().filename() == "snapshots") { // .../models--ORG--NAME/snapshots/HASH
        name = path.parent_path().parent_path().filename().string();
        const std::size_t dashes = name.rfind("--");
        if (dashes != name.npos) name = name.substr(dashes + 2);
    }
    return printable(name);
}

std::string folderLicense(const fs::path& folder) {
    std::string text;
    try {
        text = readTextFile(folder / "README.md", 4 * 1024 * 1024);
    } catch (const Error&) {
        return {}; // a nicety only
    }
    if (!text.starts_with("---\n")) return {};
    const std::string_view yaml = std::string_view(text).substr(4, text.find("\n---", 4) - 4);
    constexpr std::string_view kKey = "license:";
    for (std::size_t at = 0; at < yaml.size();) {
        const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
        std::string_view line = yaml.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with(kKey)) continue;
        line.remove_prefix(kKey.size());
        const std::size_t first = line.find_first_not_of(" \t\"'"), last = line.find_last_not_of(" \t\r\"'");
        return first == line.npos ? std::string() : printable(line.substr(first, last - first + 1));
    }
    return {};
}

bool folderHasChatTemplate(const fs::path& folder) {
    std::error_code ignored;
    if (fs::exists(folder / "chat_template.jinja", ignored) || fs::exists(folder / "chat_template.json", ignored))
        return true;
    const fs::path config = folder / "tokenizer_config.json";
    if (!fs::exists(config, ignored)) return false;
    return readJsonObject(config, 64 * 1024 * 1024).contains("chat_template");
}

const FileTypeName* findFileType(uint32_t fileType) {
    static constexpr std::array<FileTypeName, 34> kAll{{
        {0, "F32", "F32", "F32"},
        {1, "F16", "F16", "F16"},
        {2, "Q4_0", "Q4_0", "F16"},
        {3, "Q4_1", "Q4_1", "F16"},
        {7, "Q8_0", "Q8_0", "F16"},
        {8, "Q5_0", "Q5_0", "F16"},
        {9, "Q5_1", "Q5_1", "F16"},
        {10, "Q2_K", "Q2_K", "Q4_0"},
        {11, "Q3_K_S", "Q3_K", "Q4_0"},
        {12, "Q3_K_M", "Q3_K", "Q4_0"},
        {13, "Q3_K_L", "Q3_K", "Q4_0"},
        {14, "Q4_K_S", "Q4_K", "Q5_0"},
        {15, "Q4_K_M", "Q4_K", "Q5_0"},
        {16, "Q5_K_S", "Q5_K", "Q5_1"},
        {17, "Q5_K_M", "Q5_K", "Q5_1"},
        {18, "Q6_K", "Q6_K", "Q8_0"},
        {19, "IQ2_XXS", "IQ2_XXS", "IQ4_NL"},
        {20, "IQ2_XS", "IQ2_XS", "IQ4_NL"},
        {21, "Q2_K_S", "Q2_K", "Q4_0"},
        {22, "IQ3_XS", "IQ3_S", "IQ4_NL"},
        {23, "IQ3_XXS", "IQ3_XXS", "IQ4_NL"},
        {24, "IQ1_S", "IQ1_S", "IQ4_NL"},
        {25, "IQ4_NL", "IQ4_NL", "F16"},
        {26, "IQ3_S", "IQ3_S", "IQ4_NL"},
        {27, "IQ3_M", "IQ3_S", "IQ4_NL"},
        {28, "IQ2_S", "IQ2_XS", "IQ4_NL"},
        {29, "IQ2_M", "IQ2_S", "IQ4_NL"},
        {30, "IQ4_XS", "IQ4_XS", "IQ4_NL"},
        {31, "IQ1_M", "IQ1_M", "IQ4_NL"},
        {32, "BF16", "BF16", "BF16"},
        {36, "TQ1_0", "TQ1_0", "Q4_0"},
        {37, "TQ2_0", "TQ2_0", "Q4_0"},
        {38, "MXFP4_MOE", "MXFP4", "MXFP4"},
        {39, "NVFP4", "NVFP4", "NVFP4"},
    }};
    const auto it = std::ranges::find(kAll, fileType, &FileTypeName::fileType);
    return it == kAll.end() ? nullptr : &*it;
}

} // namespace nibble
