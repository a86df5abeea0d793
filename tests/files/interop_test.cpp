// What GgufWriter writes must open in the `gguf` package of PyPI, with equal metadata and equal weights. Needs a Python
// that has it: $NIBBLE_PYTHON, or python3.
#include <cmath>
#include <cstdio>
#include <files/gguf.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <process.h>
#include <random>

namespace nibble {
namespace {

using nlohmann::json;

std::string python() {
    const char* own = std::getenv("NIBBLE_PYTHON");
    return own ? own : "python3";
}

/// What a shell command prints; nullopt where it fails.
std::optional<std::string> outputOf(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) return std::nullopt;
    std::string out(1 << 20, '\0');
    out.resize(std::fread(out.data(), 1, out.size(), pipe));
    return ::pclose(pipe) == 0 ? std::optional(out) : std::nullopt;
}

/// Two rows of random weights in a format, encoded as Nibble does.
std::vector<std::byte> encoded(const Format& f, int64_t cols, std::mt19937& random) {
    std::normal_distribution<float> weights(0, 0.05f);
    std::vector<float> row(static_cast<std::size_t>(cols));
    std::vector<std::byte> bytes(2 * f.rowBytes(cols));
    for (int r = 0; r < 2; ++r) {
        for (float& w : row) w = weights(random);
        f.encode(row.data(), bytes.data() + std::size_t(r) * f.rowBytes(cols), cols, nullptr);
    }
    return bytes;
}

TEST(Interop, TheReferenceReaderSeesWhatWeWrote) {
    if (!outputOf(python() + " -c 'import gguf, numpy' 2>/dev/null"))
        GTEST_SKIP() << python() << " has no module gguf (pip install gguf; NIBBLE_PYTHON=...)";
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.architecture", std::string("llama"));
    metadata.set("x.u8", uint8_t(200));
    metadata.set("x.i16", int16_t(-30'000));
    metadata.set("x.u64", uint64_t(1) << 63);
    metadata.set("x.f64", 0.1);
    metadata.set("x.bool", true);
    metadata.set("x.text", std::string("h\xC3\xA9llo"));
    metadata.set("x.i32s", std::vector<int32_t>{-1, 2});
    metadata.set("x.bools", std::vector<bool>{true, false});
    metadata.set("x.texts", std::vector<std::string>{"a", "", "\xE2\x82\xAC"});

    constexpr int64_t kCols = 512;
    std::vector<GgufWriter::Declaration> tensors;
    std::vector<std::vector<std::byte>> data;
    std::mt19937 random(7);
    for (const Format* f : formats()) {
        if (!f->encode) continue;
        tensors.push_back({std::string(f->name) + ".weight", f->id, {kCols, 2}});
        data.push_back(encoded(*f, kCols, random));
    }
    GgufWriter writer(folder / "x.gguf", metadata, tensors);
    for (const auto& bytes : data) writer.write(bytes);
    writer.commit();

    const auto output = outputOf(python() + " " NIBBLE_SOURCE_DIR "/tests/files/read_gguf.py " +
                                 (folder / "x.gguf").string() + " " + folder.path().string());
    ASSERT_TRUE(output.has_value());
    const json seen = json::parse(*output);
    EXPECT_EQ(seen["fields"],
              json::parse(R"({"general.architecture":"llama","x.u8":200,"x.i16":-30000,"x.u64":9223372036854775808,
        "x.f64":0.1,"x.bool":true,"x.text":"h\u00e9llo","x.i32s":[-1,2],"x.bools":[true,false],"x.texts":["a","","\u20ac"]})"));
    ASSERT_EQ(seen["tensors"].size(), tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Format& f = format(tensors[i].format);
        EXPECT_EQ(seen["tensors"][tensors[i].name], (json{kCols, 2}));
        std::vector<float> ours(2 * kCols), theirs(2 * kCols);
        f.decode(data[i].data(), ours.data(), 2 * kCols);
        std::ifstream in(folder / (tensors[i].name + ".f32"), std::ios::binary);
        ASSERT_TRUE(in.read(reinterpret_cast<char*>(theirs.data()), std::streamsize(theirs.size() * 4))) << f.name;
        for (std::size_t w = 0; w < ours.size(); ++w) // some of their formats multiply in another order
            ASSERT_NEAR(ours[w], theirs[w], 1e-6f * std::abs(theirs[w]) + 1e-9f) << f.name << " weight " << w;
    }
}

} // namespace
} // namespace nibble
