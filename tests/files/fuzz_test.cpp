// Random damage to sound files: only Error may come out. The seed is fixed, so a failure repeats.
#include "gguf_bytes.h"
#include "mutate.h"

#include <files/gguf.h>
#include <files/safetensors.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>
#include <random>

namespace nibble {
namespace {

constexpr int kRounds = 3000;

/// Runs `read` on kRounds mutations and returns how many were refused.
template<class Read>
int refusals(const std::string& sound, const std::filesystem::path& path, Read read) {
    std::mt19937 random(20261124);
    int refused = 0;
    for (int round = 0; round < kRounds; ++round) {
        std::filesystem::remove(path); // overwriting would wait for the disk each time
        test::writeBytes(path, test::mutated(sound, random));
        try {
            read();
        } catch (const Error& e) {
            EXPECT_FALSE(e.message.empty());
            ++refused;
        }
    }
    return refused;
}

TEST(Fuzz, DamagedGgufEndsInAnError) {
    const test::TempFolder folder;
    const auto path = folder / "x.gguf";
    int64_t sum = 0;
    const int refused = refusals(test::RawGguf::sound().bytes(), path, [&] {
        const GgufFile file(path);
        for (const GgufTensor& tensor : file.tensors()) // what it says is there must be there
            if (tensor.data) sum += int64_t(tensor.data[0]) + int64_t(tensor.data[tensor.bytes - 1]);
    });
    EXPECT_GT(refused, kRounds / 2);
    EXPECT_LT(refused, kRounds) << "the damage never spared a file: the test tests too little";
    EXPECT_GT(sum, 0);
}

TEST(Fuzz, DamagedSafetensorsEndInAnError) {
    const test::TempFolder folder;
    const std::string sound = test::safetensorsBytes(
        R"({"__metadata__":{"format":"pt"},"a.weight":{"dtype":"BF16","shape":[4,8],"data_offsets":[0,64]},)"
        R"("b.weight":{"dtype":"F32","shape":[16],"data_offsets":[64,128]}})",
        128);
    int64_t sum = 0;
    const int refused = refusals(sound, folder / "model.safetensors", [&] {
        const SafeTensors weights(folder.path());
        for (const SafeTensor& tensor : weights.tensors())
            if (tensor.bytes > 0) sum += int64_t(tensor.data[0]) + int64_t(tensor.data[tensor.bytes - 1]);
    });
    EXPECT_GT(refused, kRounds / 2);
    EXPECT_LT(refused, kRounds);
    EXPECT_GT(sum, 0);
}

} // namespace
} // namespace nibble
