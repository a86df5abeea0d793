// The dry backend says what the CPU backend allocates and does, for every format and use.
#include "random_weights.h"

#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <nibble/error.h>

namespace nibble {
namespace {

void expectEqual(const MemoryUse& dry, const MemoryUse& real, const std::string& where) {
    EXPECT_EQ(dry.weights, real.weights) << where;
    EXPECT_EQ(dry.mappedWeights, real.mappedWeights) << where;
    EXPECT_EQ(dry.kv, real.kv) << where;
    EXPECT_EQ(dry.activations, real.activations) << where;
    EXPECT_EQ(dry.scratch, real.scratch) << where;
}

TEST(DryBackend, MemoryEqualsWhatIsAllocatedForEveryFormatAndUse) {
    Random random(2);
    for (int threads : {1, 2, 3})
        for (const Format* f : formats())
            for (WeightUse use :
                 {WeightUse::Matmul, WeightUse::Embedding, WeightUse::EmbeddingAndMatmul, WeightUse::Vector})
                for (int variant : {0, 1, 2}) { // as mapped, without an owner, rows in rotary order
                    ThreadPool pool(threads);
                    const auto real = makeCpuBackend(pool), dry = makeDryBackend(bestCpuLevel(), threads);
                    WeightRows w = randomWeights(random, *f, use == WeightUse::Vector ? 1 : 12, 512);
                    const auto owner = w.owner;
                    if (variant == 1) w.owner = nullptr;
                    if (variant == 2 && use != WeightUse::Vector) w.ropeHeads = 3;
                    for (Backend* b : {real.get(), dry.get()}) {
                        b->addWeight(w, use);
                        b->addBuffer("x", 7, 513);
                        b->addKv({33, 3, 20, 36, KvFormat::F16});
                        b->addKv({33, 3, 40, 8, KvFormat::Q8_0});
                        RopeSpec rope;
                        rope.frequencies = {1, 2, 3};
                        b->addRope(rope);
                        b->prepare(7);
                    }
                    expectEqual(dry->memory(), real->memory(), std::string(f->name) + " " + std::to_string(int(use)));
                    EXPECT_GT(real->memory().total(), w.bytes());
                }
}

TEST(DryBackend, CountsTheSameWork) {
    Random random(2);
    ThreadPool pool(2);
    const auto real = makeCpuBackend(pool), dry = makeDryBackend();
    const WeightRows w = randomWeights(random, format(FormatId::Q4_0), 64, 64);
    for (Backend* b : {real.get(), dry.get()}) {
        const WeightId weight = b->addWeight(w, WeightUse::EmbeddingAndMatmul);
        const BufferId x = b->addBuffer("x", 4, 64), y = b->addBuffer("y", 4, 64);
        const KvId kv = b->addKv({16, 2, 32, 32, KvFormat::F16});
        b->prepare(4);
        b->begin(5);
        const std::vector<int32_t> tokens = {1, 2, 3, 4};
        b->embed(weight, tokens, {x, 0, 4}, 1);
        const Product p{weight, {y, 0, 4}, {}, {}};
        b->matmul({x, 0, 4}, {&p, 1});
        b->writeKv(kv, {y, 0, 4}, {y, 0, 4});
        AttentionSpec spec;
        spec.nHeads = spec.nKvHeads = 2;
        spec.keyDim = spec.valueDim = 32;
        b->attention(spec, {x, 0, 4}, kv, {y, 0, 4});
        b->add({x, 0, 4}, {y, 0, 4}, 1, {x, 0, 4});
        b->finish();
    }
    EXPECT_EQ(dry->work().dispatches, 5);
    EXPECT_EQ(dry->work().macs, 4 * 64 * 64 + (6 + 7 + 8 + 9) * 2 * 64 + 4 * 64);
    EXPECT_EQ(real->work().macs, dry->work().macs);
    EXPECT_EQ(real->work().weightBytes, dry->work().weightBytes);
    EXPECT_EQ(real->work().kvBytes, dry->work().kvBytes);
    EXPECT_EQ(real->work().dispatches, dry->work().dispatches);
    dry->resetWork();
    EXPECT_EQ(dry->work().macs, 0);
}

TEST(CpuBackend, RefusesWhatDoesNotFit) {
    ThreadPool pool(1);
    const auto backend = makeCpuBackend(pool);
    try {
        backend->addBuffer("far too large", int64_t(1) << 40, 1 << 20);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::NoMemory);
        EXPECT_NE(e.detail.find("far too large"), std::string::npos);
    }
}

} // namespace
} // namespace nibble
