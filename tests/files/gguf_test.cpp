#include "gguf_bytes.h"

#include <files/gguf.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <numeric>
#include <process.h>

namespace nibble {
namespace {

using test::RawGguf;
using test::writeBytes;

GgufMetadata everyType() {
    GgufMetadata m;
    m.set("general.architecture", std::string("llama"));
    m.set("u8", uint8_t(200));
    m.set("i8", int8_t(-100));
    m.set("u16", uint16_t(60'000));
    m.set("i16", int16_t(-30'000));
    m.set("u32", uint32_t(4'000'000'000));
    m.set("i32", int32_t(-2'000'000'000));
    m.set("f32", 0.25f);
    m.set("bool", true);
    m.set("string", std::string("h\xC3\xA9llo"));
    m.set("u64", uint64_t(1) << 63);
    m.set("i64", int64_t(-1) << 62);
    m.set("f64", 0.1);
    m.set("a.u8", std::vector<uint8_t>{1, 2});
    m.set("a.i8", std::vector<int8_t>{-1, 2});
    m.set("a.u16", std::vector<uint16_t>{1, 2});
    m.set("a.i16", std::vector<int16_t>{-1, 2});
    m.set("a.u32", std::vector<uint32_t>{1, 2});
    m.set("a.i32", std::vector<int32_t>{-1, 2});
    m.set("a.f32", std::vector<float>{0.5f, -2});
    m.set("a.bool", std::vector<bool>{true, false, true});
    m.set("a.string", std::vector<std::string>{"a", "", "\xFF\xFE"}); // tokens may be any bytes
    m.set("a.u64", std::vector<uint64_t>{1, UINT64_MAX});
    m.set("a.i64", std::vector<int64_t>{-1, INT64_MIN});
    m.set("a.f64", std::vector<double>{0.1, 2});
    m.set("a.empty", std::vector<float>{});
    return m;
}

std::vector<std::byte> numbered(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(i * 7);
    return bytes;
}

TEST(Gguf, ReadsWhatItWrites) {
    const test::TempFolder folder;
    const GgufMetadata metadata = everyType();
    const std::vector<GgufWriter::Declaration> tensors{
        {"a.weight", FormatId::F32, {3, 5}}, {"b.weight", FormatId::Q4_K, {512, 2, 3}}, {"c", FormatId::F16, {1}}};
    const std::vector<std::size_t> sizes{60, 144 * 2 * 2 * 3, 2};
    GgufWriter writer(folder / "x.gguf", metadata, tensors);
    for (const std::size_t size : sizes) {
        const auto bytes = numbered(size);
        writer.write(std::span(bytes).first(size / 2)); // in pieces
        writer.write(std::span(bytes).subspan(size / 2));
    }
    writer.commit();
    EXPECT_EQ(std::filesystem::file_size(folder / "x.gguf"), writer.fileBytes());
    EXPECT_EQ(GgufWriter::fileBytesOf(metadata, tensors), writer.fileBytes());
    EXPECT_EQ(writer.fileBytes() % 32, 0u) << "the last tensor is padded, too";

    const GgufFile file(folder / "x.gguf");
    ASSERT_EQ(file.metadata().entries().size(), metadata.entries().size());
    for (std::size_t i = 0; i < metadata.entries().size(); ++i)
        EXPECT_EQ(file.metadata().entries()[i], metadata.entries()[i]) << metadata.entries()[i].first;
    ASSERT_EQ(file.tensors().size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        const GgufTensor& t = file.tensors()[i];
        EXPECT_EQ(t.name, tensors[i].name);
        EXPECT_EQ(t.shape, tensors[i].shape);
        EXPECT_EQ(t.bytes, sizes[i]);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(t.data) % 32, 0u);
        EXPECT_EQ(std::memcmp(t.data, numbered(sizes[i]).data(), sizes[i]), 0);
    }
    EXPECT_EQ(file.find("c"), &file.tensors()[2]);
    EXPECT_EQ(file.find("d"), nullptr);
    EXPECT_EQ(file.fileBytes(), writer.fileBytes());
    file.check();
}

TEST(Gguf, HonoursAnotherAlignment) {
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.alignment", uint32_t(256));
    const std::vector<GgufWriter::Declaration> tensors{{"a", FormatId::F32, {1}}, {"b", FormatId::F32, {1}}};
    GgufWriter writer(folder / "x.gguf", metadata, tensors);
    writer.write(numbered(4));
    writer.write(numbered(4));
    writer.commit();
    const GgufFile file(folder / "x.gguf");
    EXPECT_EQ(file.tensors()[1].data - file.tensors()[0].data, 256);
    EXPECT_EQ(file.fileBytes(), GgufWriter::fileBytesOf(metadata, tensors));
}

TEST(Gguf, WritesNothingUntilCommit) {
    const test::TempFolder folder;
    { GgufWriter writer(folder / "x.gguf", {}, {{"a", FormatId::F32, {1}}}); }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Gguf, ReadsVersion2) {
    const test::TempFolder folder;
    RawGguf raw = RawGguf::sound();
    raw.version = 2;
    EXPECT_EQ(GgufFile(writeBytes(folder / "x.gguf", raw.bytes())).tensors().size(), 3u);
}

TEST(Gguf, ReadsWithoutTheLastPadding) {
    const test::TempFolder folder;
    RawGguf raw = RawGguf::sound();
    raw.dataBytes = 384 + 102;
    EXPECT_EQ(GgufFile(writeBytes(folder / "x.gguf", raw.bytes())).tensors().back().bytes, 102u);
}

TEST(Gguf, ListsTensorsOfUnknownFormats) {
    const test::TempFolder folder;
    RawGguf raw = RawGguf::sound();
    raw.tensors[1].type = 16; // IQ2_XXS: its size is only known from the next offset
    raw.tensors[2].type = 99;
    const GgufFile file(writeBytes(folder / "x.gguf", raw.bytes()));
    EXPECT_NE(file.tensors()[0].data, nullptr);
    EXPECT_EQ(file.tensors()[1].data, nullptr);
    EXPECT_EQ(file.tensors()[1].bytes, 128u);
    EXPECT_EQ(file.tensors()[2].data, nullptr);
    EXPECT_EQ(file.tensors()[2].bytes, 128u); // to the end of the file
}

TEST(Gguf, MetadataIsReplacedInPlaceAndRemoved) {
    GgufMetadata m = everyType();
    const std::size_t n = m.entries().size();
    m.set("u8", std::string("now a text"));
    EXPECT_EQ(m.entries().size(), n);
    EXPECT_EQ(m.entries()[1].first, "u8");
    m.remove("u8");
    m.remove("never there");
    EXPECT_EQ(m.find("u8"), nullptr);
    EXPECT_EQ(m.entries().size(), n - 1);
    EXPECT_EQ(m.requireString("string"), "h\xC3\xA9llo"); // the index followed
}

/// The detail of the Error that f throws.
template<class F>
std::string detailOf(F&& f) {
    try {
        f();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::BadFile);
        return e.detail;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

TEST(Gguf, GettersCheckTypeAndRange) {
    GgufMetadata m = everyType();
    m.origin = "x.gguf";
    m.set("nan", std::nan(""));
    EXPECT_EQ(m.integer("u32", 0, INT64_MAX), 4'000'000'000);
    EXPECT_EQ(m.integer("i8", -128, 0), -100);
    EXPECT_EQ(m.integer("absent", 0, 1), std::nullopt);
    EXPECT_EQ(m.number("u16"), 60'000);
    EXPECT_EQ(m.number("f64"), 0.1);
    EXPECT_EQ(m.boolean("bool"), true);
    EXPECT_EQ(m.integers("a.i16", -5, 5), (std::vector<int64_t>{-1, 2}));
    EXPECT_EQ(m.integers("u8", 0, 255), (std::vector<int64_t>{200}));
    EXPECT_EQ(m.floats("a.f64"), (std::vector<float>{0.1f, 2}));
    EXPECT_EQ(m.booleans("a.bool"), (std::vector<bool>{true, false, true}));
    EXPECT_EQ(m.strings("a.string")->size(), 3u);
    EXPECT_EQ(m.strings("absent"), nullptr);

    EXPECT_EQ(detailOf([&] { m.integer("u64", 0, INT64_MAX); }),
              "x.gguf: u64 is 9223372036854775808, expected 0 to 9223372036854775807");
    EXPECT_EQ(detailOf([&] { m.integer("f32", 0, 9); }), "x.gguf: f32 is not a whole number");
    EXPECT_EQ(detailOf([&] { m.integer("bool", 0, 9); }), "x.gguf: bool is not a whole number");
    EXPECT_EQ(detailOf([&] { m.integers("a.i16", 0, 5); }), "x.gguf: a.i16[0] is -1, expected 0 to 5");
    EXPECT_EQ(detailOf([&] { m.integers("a.f32", 0, 5); }), "x.gguf: a.f32 is not a list of whole numbers");
    EXPECT_EQ(detailOf([&] { m.number("string"); }), "x.gguf: string is not a number");
    EXPECT_EQ(detailOf([&] { m.number("nan"); }), "x.gguf: nan is not a finite number");
    EXPECT_EQ(detailOf([&] { m.boolean("u8"); }), "x.gguf: u8 is not true or false");
    EXPECT_EQ(detailOf([&] { m.string("u8"); }), "x.gguf: u8 is not a text");
    EXPECT_EQ(detailOf([&] { m.strings("u8"); }), "x.gguf: u8 is not a list of texts");
    EXPECT_EQ(detailOf([&] { m.floats("a.i8"); }), "x.gguf: a.i8 is not a list of numbers");
    EXPECT_EQ(detailOf([&] { m.booleans("a.u8"); }), "x.gguf: a.u8 is not a list of true and false");
    EXPECT_EQ(detailOf([&] { m.requireNumber("absent"); }), "x.gguf: absent is missing");
}

/// Three shards of one tensor each; the metadata is in the one with split.no 0.
std::filesystem::path writeShards(const test::TempFolder& folder, const std::vector<uint16_t>& numbers = {0, 1, 2}) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        RawGguf raw;
        if (numbers[i] == 0) raw.entries.push_back(test::textEntry("general.architecture", "llama"));
        raw.entries.push_back(test::entry("split.no", 2, numbers[i]));
        raw.entries.push_back(test::entry("split.count", 2, uint16_t(numbers.size())));
        raw.entries.push_back(test::entry("split.tensors.count", 5, int32_t(numbers.size())));
        raw.tensors.push_back({"t" + std::to_string(numbers[i]), {8}, 0, 0});
        raw.dataBytes = 32;
        writeBytes(folder / ("m-0000" + std::to_string(i + 1) + "-of-00003.gguf"), raw.bytes());
    }
    return folder / "m-00001-of-00003.gguf";
}

TEST(Gguf, MergesShardsOpenedByAnyOfThem) {
    const test::TempFolder folder;
    writeShards(folder);
    uint64_t sum = 0;
    for (const auto& shard : std::filesystem::directory_iterator(folder.path())) sum += shard.file_size();
    for (const char* name : {"m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"}) {
        const GgufFile file(folder / name);
        ASSERT_EQ(file.tensors().size(), 3u);
        EXPECT_EQ(file.tensors()[2].name, "t2");
        EXPECT_EQ(file.metadata().requireString("general.architecture"), "llama");
        EXPECT_EQ(file.metadata().entries().size(), 1u) << "split.* keys are gone";
        EXPECT_EQ(file.fileBytes(), sum);
    }
}

TEST(Gguf, OrdersShardsByTheirNumberNotTheirName) {
    const test::TempFolder folder;
    const GgufFile file(writeShards(folder, {2, 0, 1}));
    EXPECT_EQ(file.tensors()[0].name, "t0");
    EXPECT_EQ(file.tensors()[2].name, "t2");
    EXPECT_EQ(file.metadata().requireString("general.architecture"), "llama");
}

TEST(Gguf, NamesAMissingShard) {
    const test::TempFolder folder;
    const auto path = writeShards(folder);
    std::filesystem::remove(folder / "m-00002-of-00003.gguf");
    try {
        GgufFile file(path);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::NotFound);
        EXPECT_NE(e.message.find("Part 2 of 3"), std::string::npos) << e.message;
        EXPECT_NE(e.message.find("m-00002-of-00003.gguf"), std::string::npos) << e.message;
    }
}

TEST(Gguf, ReadsFilesOfLlamaCpp) {
    const auto folder = test::goldenDir("gguf");
    if (folder.empty()) GTEST_SKIP() << "tests/goldens/gguf is not there";
    int count = 0;
    for (const auto& item : std::filesystem::directory_iterator(folder)) {
        if (item.path().extension() != ".gguf") continue;
        const GgufFile file(item.path());
        EXPECT_FALSE(file.metadata().requireString("general.architecture").empty());
        EXPECT_NE(file.find("token_embd.weight"), nullptr);
        ++count;
    }
    EXPECT_GT(count, 5);
}

} // namespace
} // namespace nibble
