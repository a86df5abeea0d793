// Containers that are damaged or hostile, each a named change of a sound one. Each must end in an Error of the right
// kind whose text names the file and the field, whatever the readers do with it, and leave no file behind.
#include "gguf_bytes.h"

#include <files/gguf.h>
#include <files/safetensors.h>
#include <functional>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>

namespace nibble {
namespace {

using test::ByteString;
using test::entry;
using test::RawGguf;
using test::safetensorsBytes;
using test::writeBytes;

void expectError(const std::function<void()>& f, ErrorKind kind, const std::string& file, const std::string& field) {
    try {
        f();
        ADD_FAILURE() << "was read";
    } catch (const Error& e) {
        const std::string text = e.message + " " + e.detail;
        EXPECT_STREQ(errorKindName(e.kind), errorKindName(kind)) << text;
        EXPECT_NE(text.find(file), std::string::npos) << text << " does not name " << file;
        EXPECT_NE(text.find(field), std::string::npos) << text << " does not name " << field;
        EXPECT_FALSE(e.message.empty());
        EXPECT_FALSE(e.whatToDo.empty()) << text;
    }
}

// ---------------------------------------------------------------- GGUF

struct GgufCase {
    const char* name;
    std::function<std::string(RawGguf)> bytes; // of the file, made from the sound one
    const char* field;
    ErrorKind kind = ErrorKind::BadFile;
};

/// The sound file's bytes, cut after n.
std::string cut(const RawGguf& g, std::size_t n) { return g.bytes().substr(0, n); }

const GgufCase kGgufCases[] = {
    {"Empty", [](RawGguf) { return std::string(); }, "magic"},
    {"CutInMagic", [](RawGguf g) { return cut(g, 3); }, "magic"},
    {"CutAfterMagic", [](RawGguf g) { return cut(g, 4); }, "version"},
    {"CutInCounts", [](RawGguf g) { return cut(g, 20); }, "n_tensors"},
    {"CutInFirstKey", [](RawGguf g) { return cut(g, 40); }, "n_tensors"},
    {"CutInMetadata",
     [](RawGguf g) {
         g.extraTensors = -3;
         g.tensors.clear();
         return cut(g, g.header().size() - 1);
     },
     "n_tensors"},
    {"CutInTensorInfo", [](RawGguf g) { return cut(g, g.header().size() - 4); }, "blk.0.attn_q.weight (offset)"},
    {"CutBeforeData", [](RawGguf g) { return g.header(); }, "token_embd.weight"},
    {"CutInData", [](RawGguf g) { return cut(g, g.bytes().size() - 60); }, "blk.0.attn_q.weight"},
    {"WrongMagic",
     [](RawGguf g) {
         g.magic = 0x67676d6c;
         return g.bytes();
     },
     "magic"},
    {"Version1",
     [](RawGguf g) {
         g.version = 1;
         return g.bytes();
     },
     "version", ErrorKind::Unsupported},
    {"VersionOfTheFuture",
     [](RawGguf g) {
         g.version = 4;
         return g.bytes();
     },
     "version", ErrorKind::Unsupported},
    {"BigEndian",
     [](RawGguf g) {
         g.version = 3u << 24;
         return g.bytes();
     },
     "version", ErrorKind::Unsupported},
    {"HugeTensorCount",
     [](RawGguf g) {
         g.extraTensors = INT64_MAX - 100;
         return g.bytes();
     },
     "n_tensors"},
    {"NegativeTensorCount",
     [](RawGguf g) {
         g.extraTensors = -10;
         return g.bytes();
     },
     "n_tensors"},
    {"HugeEntryCount",
     [](RawGguf g) {
         g.extraEntries = int64_t(1) << 40;
         return g.bytes();
     },
     "n_kv"},
    {"OneTensorTooMany",
     [](RawGguf g) {
         g.extraTensors = 1;
         return g.bytes();
     },
     "tensor 3"},
    {"OneEntryTooMany",
     [](RawGguf g) {
         g.extraEntries = 1;
         return g.bytes();
     },
     "tensor 0"},
    {"HugeKeyLength", [](RawGguf g) { return ByteString{g.bytes()}.patch(24, uint64_t(1) << 62).bytes; }, "key 0"},
    {"EmptyKey",
     [](RawGguf g) {
         g.entries[0].key.clear();
         return g.bytes();
     },
     "key 0"},
    {"KeyTooLong",
     [](RawGguf g) {
         g.entries[0].key = std::string(70'000, 'k');
         return g.bytes();
     },
     "key 0"},
    {"KeyNotUtf8",
     [](RawGguf g) {
         g.entries[1].key = "general.\xFFname";
         return g.bytes();
     },
     "key 1"},
    {"KeyTwice",
     [](RawGguf g) {
         g.entries.push_back(g.entries[0]);
         return g.bytes();
     },
     "general.architecture"},
    {"TextNotUtf8",
     [](RawGguf g) {
         g.entries[1] = test::textEntry("general.name", "\xC3(");
         return g.bytes();
     },
     "general.name"},
    {"TextLongerThanFile",
     [](RawGguf g) {
         g.entries[1].value = ByteString().put(uint64_t(1) << 50).bytes;
         return g.bytes();
     },
     "general.name"},
    {"UnknownValueType",
     [](RawGguf g) {
         g.entries[2].type = 77;
         return g.bytes();
     },
     "llama.block_count"},
    {"BoolOfTwo",
     [](RawGguf g) {
         g.entries.push_back(entry("flag", 7, uint8_t(2)));
         return g.bytes();
     },
     "flag"},
    {"NestedArray",
     [](RawGguf g) {
         g.entries.push_back({"deep", 9, ByteString().put(uint32_t(9)).put(uint64_t(1)).bytes});
         return g.bytes();
     },
     "deep"},
    {"ArrayOfUnknownType",
     [](RawGguf g) {
         g.entries.push_back({"list", 9, ByteString().put(uint32_t(13)).put(uint64_t(1)).bytes});
         return g.bytes();
     },
     "list"},
    {"ArrayTooLong",
     [](RawGguf g) {
         g.entries.push_back({"list", 9, ByteString().put(uint32_t(4)).put(uint64_t(1) << 61).bytes});
         return g.bytes();
     },
     "list"},
    {"ArrayOfTextsTooLong",
     [](RawGguf g) {
         g.entries.push_back({"list", 9, ByteString().put(uint32_t(8)).put(uint64_t(1) << 32).bytes});
         return g.bytes();
     },
     "list"},
    {"AlignmentZero",
     [](RawGguf g) {
         g.entries.push_back(entry("general.alignment", 4, uint32_t(0)));
         return g.bytes();
     },
     "general.alignment"},
    {"AlignmentNoPowerOfTwo",
     [](RawGguf g) {
         g.entries.push_back(entry("general.alignment", 4, uint32_t(48)));
         return g.bytes();
     },
     "general.alignment"},
    {"AlignmentOfWrongType",
     [](RawGguf g) {
         g.entries.push_back(entry("general.alignment", 10, uint64_t(32)));
         return g.bytes();
     },
     "general.alignment"},
    {"AlignmentHuge",
     [](RawGguf g) {
         g.entries.push_back(entry("general.alignment", 4, uint32_t(1) << 31));
         return g.bytes();
     },
     "token_embd.weight"},
    {"TensorNameEmpty",
     [](RawGguf g) {
         g.tensors[0].name.clear();
         return g.bytes();
     },
     "tensor 0"},
    {"TensorNameTooLong",
     [](RawGguf g) {
         g.tensors[1].name = std::string(64, 't');
         return g.bytes();
     },
     "tensor 1"},
    {"TensorNameNotUtf8",
     [](RawGguf g) {
         g.tensors[1].name = "\xF0\x9F";
         return g.bytes();
     },
     "tensor 1"},
    {"TensorTwice",
     [](RawGguf g) {
         g.tensors[1].name = g.tensors[0].name;
         return g.bytes();
     },
     "token_embd.weight"},
    {"NoDimensions",
     [](RawGguf g) {
         g.tensors[1].shape.clear();
         return g.bytes();
     },
     "output_norm.weight"},
    {"FiveDimensions",
     [](RawGguf g) {
         g.tensors[1].shape = {32, 1, 1, 1, 1};
         return g.bytes();
     },
     "output_norm.weight"},
    {"DimensionZero",
     [](RawGguf g) {
         g.tensors[0].shape = {32, 0};
         return g.bytes();
     },
     "token_embd.weight"},
    {"DimensionNegative",
     [](RawGguf g) {
         g.tensors[0].shape = {32, -1};
         return g.bytes();
     },
     "token_embd.weight"},
    {"ShapeOverflows",
     [](RawGguf g) {
         g.tensors[0].shape = {int64_t(1) << 32, int64_t(1) << 32};
         return g.bytes();
     },
     "token_embd.weight"},
    {"BytesOverflow",
     [](RawGguf g) {
         g.tensors[0].shape = {int64_t(1) << 31, int64_t(1) << 31};
         return g.bytes();
     },
     "token_embd.weight"},
    {"RowsNoMultipleOfBlock",
     [](RawGguf g) {
         g.tensors[2].shape = {33, 3};
         return g.bytes();
     },
     "blk.0.attn_q.weight"},
    {"OffsetIntoNeighbour",
     [](RawGguf g) {
         g.tensors[1].offset = 128;
         return g.bytes();
     },
     "output_norm.weight"},
    {"OffsetLeavesGap",
     [](RawGguf g) {
         g.tensors[1].offset = 288;
         return g.bytes();
     },
     "output_norm.weight"},
    {"OffsetHuge",
     [](RawGguf g) {
         g.tensors[2].offset = UINT64_MAX - 31;
         return g.bytes();
     },
     "blk.0.attn_q.weight"},
    {"OffsetOddAfterUnknownFormat",
     [](RawGguf g) {
         g.tensors[1].type = 99;
         g.tensors[2].offset = 385;
         return g.bytes();
     },
     "blk.0.attn_q.weight"},
    {"OffsetBackAfterUnknownFormat",
     [](RawGguf g) {
         g.tensors[1].type = 99;
         g.tensors[2].offset = 0;
         return g.bytes();
     },
     "blk.0.attn_q.weight"},
    {"OffsetFarAfterUnknownFormat",
     [](RawGguf g) {
         g.tensors[1].type = 99;
         g.tensors[2].offset = uint64_t(1) << 63;
         return g.bytes();
     },
     "blk.0.attn_q.weight"},
    {"SplitWithOrdinaryName",
     [](RawGguf g) {
         g.entries.push_back(entry("split.no", 2, uint16_t(0)));
         g.entries.push_back(entry("split.count", 2, uint16_t(3)));
         return g.bytes();
     },
     "split.count"},
    {"SplitCountNegative",
     [](RawGguf g) {
         g.entries.push_back(entry("split.count", 5, int32_t(-3)));
         return g.bytes();
     },
     "split.count"},
    {"SplitCountOfWrongType",
     [](RawGguf g) {
         g.entries.push_back(test::textEntry("split.count", "3"));
         return g.bytes();
     },
     "split.count"},
};

class MalformedGguf : public testing::TestWithParam<GgufCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedGguf, testing::ValuesIn(kGgufCases), [](const auto& p) { return p.param.name; });

TEST_P(MalformedGguf, IsRefused) {
    const test::TempFolder folder;
    const auto path = writeBytes(folder / "tiny.gguf", GetParam().bytes(RawGguf::sound()));
    expectError([&] { GgufFile file(path); }, GetParam().kind, "tiny.gguf", GetParam().field);
}

TEST(MalformedGgufFixture, SoundFileIsRead) {
    const test::TempFolder folder;
    EXPECT_EQ(GgufFile(writeBytes(folder / "tiny.gguf", RawGguf::sound().bytes())).tensors().size(), 3u);
}

// ---------------------------------------------------------------- split GGUF

struct SplitCase {
    const char* name;
    std::function<void(RawGguf&)> change; // of the second of two shards
    const char *file, *field;
};

const SplitCase kSplitCases[] = {
    {"OtherCount", [](RawGguf& g) { g.at("split.count") = entry("split.count", 2, uint16_t(5)); },
     "s-00002-of-00002.gguf", "split.count"},
    {"SameNumber", [](RawGguf& g) { g.at("split.no") = entry("split.no", 2, uint16_t(0)); }, "s-00002-of-00002.gguf",
     "split.no"},
    {"NumberBeyondCount", [](RawGguf& g) { g.at("split.no") = entry("split.no", 2, uint16_t(2)); },
     "s-00002-of-00002.gguf", "split.no"},
    {"WithoutNumber", [](RawGguf& g) { std::erase_if(g.entries, [](const auto& e) { return e.key == "split.no"; }); },
     "s-00002-of-00002.gguf", "split.no"},
    {"WithoutCount", [](RawGguf& g) { std::erase_if(g.entries, [](const auto& e) { return e.key == "split.count"; }); },
     "s-00002-of-00002.gguf", "split.count"},
    {"TensorInBoth", [](RawGguf& g) { g.tensors[0].name = "t0"; }, "s-00001-of-00002.gguf", "t0"},
    {"TensorLacking", [](RawGguf& g) { g.tensors.clear(); }, "s-00001-of-00002.gguf", "split.tensors.count"},
    {"DamagedShard", [](RawGguf& g) { g.magic = 0; }, "s-00002-of-00002.gguf", "magic"},
};

class MalformedSplit : public testing::TestWithParam<SplitCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedSplit, testing::ValuesIn(kSplitCases), [](const auto& p) { return p.param.name; });

TEST_P(MalformedSplit, IsRefused) {
    const test::TempFolder folder;
    for (uint16_t i = 0; i < 2; ++i) {
        RawGguf raw;
        raw.entries = {entry("split.no", 2, i), entry("split.count", 2, uint16_t(2)),
                       entry("split.tensors.count", 5, int32_t(2))};
        raw.tensors = {{"t" + std::to_string(i), {8}, 0, 0}};
        raw.dataBytes = 32;
        if (i == 1) GetParam().change(raw);
        writeBytes(folder / ("s-0000" + std::to_string(i + 1) + "-of-00002.gguf"), raw.bytes());
    }
    expectError([&] { GgufFile file(folder / "s-00001-of-00002.gguf"); }, ErrorKind::BadFile, GetParam().file,
                GetParam().field);
}

// ---------------------------------------------------------------- the file around it

TEST(MalformedFile, ShrinksWhileMapped) {
    const test::TempFolder folder;
    RawGguf raw = RawGguf::sound();
    raw.tensors[0].shape = {32, 2000};
    raw.tensors[1].offset = 256'000;
    raw.tensors[2].offset = 256'128;
    raw.dataBytes = 256'256;
    const GgufFile file(writeBytes(folder / "tiny.gguf", raw.bytes()));
    std::filesystem::resize_file(folder / "tiny.gguf", 8192);
    int64_t sum = 0;
    for (const GgufTensor& tensor : file.tensors())
        for (uint64_t i = 0; i < tensor.bytes; ++i) sum += int64_t(tensor.data[i]);
    EXPECT_LT(sum, 8192); // zeros instead of a crash
    expectError([&] { file.check(); }, ErrorKind::BadFile, "tiny.gguf", "shorter");
}

TEST(MalformedFile, IsALoopOfLinks) {
    const test::TempFolder folder;
    std::filesystem::create_symlink("b.gguf", folder / "a.gguf");
    std::filesystem::create_symlink("a.gguf", folder / "b.gguf");
    expectError([&] { GgufFile file(folder / "a.gguf"); }, ErrorKind::Io, "a.gguf", "symbolic links");
}

TEST(MalformedFile, IsMissing) {
    const test::TempFolder folder;
    expectError([&] { GgufFile file(folder / "no.gguf"); }, ErrorKind::NotFound, "no.gguf", "does not exist");
}

TEST(MalformedFile, IsAFolder) {
    const test::TempFolder folder;
    std::filesystem::create_directory(folder / "x.gguf");
    expectError([&] { GgufFile file(folder / "x.gguf"); }, ErrorKind::Io, "x.gguf", "not a file");
}

// ---------------------------------------------------------------- safetensors

struct SafeCase {
    const char* name;
    std::string bytes;
    const char* field;
    ErrorKind kind = ErrorKind::BadFile;
};

std::string oneTensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"w":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

const SafeCase kSafeCases[] = {
    {"Empty", "", "header length"},
    {"CutInLength", "1234567", "header length"},
    {"HeaderLongerThanFile", ByteString().put(uint64_t(1000)).bytes + "{}", "header length"},
    {"HeaderHuge", ByteString().put(UINT64_MAX).bytes + "{}", "header length"},
    {"HeaderBeyondLimit", ByteString().put(uint64_t(200'000'000)).bytes + "{}", "header length"},
    {"HeaderEmpty", safetensorsBytes("", 0), "JSON"},
    {"HeaderNoJson", safetensorsBytes("{\"w\":", 0), "JSON"},
    {"HeaderNoObject", safetensorsBytes("[1,2]", 0), "header"},
    {"HeaderNotUtf8", safetensorsBytes("{\"\xFF\":1}", 0), "JSON"},
    {"HeaderDeep", safetensorsBytes("{\"w\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", 0),
     "JSON"},
    {"TensorTwice",
     safetensorsBytes(
         R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
         1),
     "w appears twice"},
    {"TensorNoObject", safetensorsBytes(R"({"w":3})", 0), "w"},
    {"WithoutShape", safetensorsBytes(R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", 4), "w"},
    {"DtypeNoText", safetensorsBytes(oneTensor("7", "[1]", "[0,4]"), 4), "w.dtype"},
    {"DtypeUnknown", safetensorsBytes(oneTensor("\"F5\"", "[1]", "[0,4]"), 4), "w.dtype", ErrorKind::Unsupported},
    {"ShapeNoList", safetensorsBytes(oneTensor("\"F32\"", "1", "[0,4]"), 4), "w.shape"},
    {"ShapeNegative", safetensorsBytes(oneTensor("\"F32\"", "[-1]", "[0,4]"), 4), "w.shape"},
    {"ShapeFractional", safetensorsBytes(oneTensor("\"F32\"", "[1.5]", "[0,4]"), 4), "w.shape"},
    {"ShapeOverflows", safetensorsBytes(oneTensor("\"F32\"", "[4294967296,4294967296]", "[0,4]"), 4), "w.shape"},
    {"ShapeBeyondNumbers", safetensorsBytes(oneTensor("\"U8\"", "[18446744073709551615]", "[0,4]"), 4), "w.shape"},
    {"SizeDiffersFromShape", safetensorsBytes(oneTensor("\"F32\"", "[2]", "[0,4]"), 4), "w"},
    {"OffsetsNoPair", safetensorsBytes(oneTensor("\"F32\"", "[1]", "[0,4,8]"), 8), "w.data_offsets"},
    {"OffsetsReversed", safetensorsBytes(oneTensor("\"F32\"", "[1]", "[4,0]"), 4), "w.data_offsets"},
    {"OffsetsBeyondFile", safetensorsBytes(oneTensor("\"F32\"", "[1]", "[4,8]"), 4), "w.data_offsets"},
    {"OffsetsHuge", safetensorsBytes(oneTensor("\"F32\"", "[1]", "[0,18446744073709551615]"), 4), "w.data_offsets"},
    {"Overlap",
     safetensorsBytes(
         R"({"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
         12),
     "w.data_offsets"},
    {"Hole",
     safetensorsBytes(
         R"({"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
         12),
     "w.data_offsets"},
    {"BytesLeftOver", safetensorsBytes(oneTensor("\"F32\"", "[1]", "[0,4]"), 9), "data"},
};

class MalformedSafetensors : public testing::TestWithParam<SafeCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedSafetensors, testing::ValuesIn(kSafeCases),
                         [](const auto& p) { return p.param.name; });

TEST_P(MalformedSafetensors, IsRefused) {
    const test::TempFolder folder;
    writeBytes(folder / "model.safetensors", GetParam().bytes);
    expectError([&] { SafeTensors weights(folder.path()); }, GetParam().kind, "model.safetensors", GetParam().field);
}

struct IndexCase {
    const char *name, *index, *file, *field;
    ErrorKind kind = ErrorKind::BadFile;
};

constexpr const char* kIndexName = "model.safetensors.index.json";
const IndexCase kIndexCases[] = {
    {"NoJson", "{", kIndexName, "JSON"},
    {"NoObject", "[]", kIndexName, "JSON"},
    {"WithoutMap", R"({"metadata":{}})", kIndexName, "weight_map"},
    {"MapNoObject", R"({"weight_map":[]})", kIndexName, "weight_map"},
    {"MapEmpty", R"({"weight_map":{}})", kIndexName, "weight_map"},
    {"ShardNoText", R"({"weight_map":{"w":1}})", kIndexName, "weight_map.w"},
    {"ShardAbove", R"({"weight_map":{"w":"../secret.safetensors"}})", kIndexName, "weight_map.w"},
    {"ShardAbsolute", R"({"weight_map":{"w":"/etc/passwd"}})", kIndexName, "weight_map.w"},
    {"ShardIsFolder", R"({"weight_map":{"w":".."}})", kIndexName, "weight_map.w"},
    {"ShardWithZero", R"({"weight_map":{"w":"one.safetensors\u0000x"}})", kIndexName, "weight_map.w"},
    {"ShardMissing", R"({"weight_map":{"w":"one.safetensors","v":"gone.safetensors"}})", "gone.safetensors",
     "does not exist", ErrorKind::NotFound},
    {"TensorMissing", R"({"weight_map":{"w":"one.safetensors","v":"one.safetensors"}})", "one.safetensors", "v"},
    {"TensorInTwoShards", R"({"weight_map":{"w":"one.safetensors","x":"two.safetensors"}})", kIndexName, "w"},
    {"TensorTwice", R"({"weight_map":{"w":"one.safetensors","w":"one.safetensors"}})", kIndexName, "w appears twice"},
};

class MalformedIndex : public testing::TestWithParam<IndexCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedIndex, testing::ValuesIn(kIndexCases), [](const auto& p) { return p.param.name; });

TEST_P(MalformedIndex, IsRefused) {
    const test::TempFolder folder;
    const std::string shard = safetensorsBytes(oneTensor("\"F32\"", "[1]", "[0,4]"), 4);
    writeBytes(folder / "one.safetensors", shard);
    writeBytes(folder / "two.safetensors", shard);
    writeBytes(folder / kIndexName, GetParam().index);
    expectError([&] { SafeTensors weights(folder.path()); }, GetParam().kind, GetParam().file, GetParam().field);
}

} // namespace
} // namespace nibble
