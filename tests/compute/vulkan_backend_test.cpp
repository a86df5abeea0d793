// What the Vulkan backend holds, how it fails, and how it repeats steps. What it computes is tested with the operations
// of all backends.
#include "backends.h"

#include <base/thread_pool.h>
#include <chrono>
#include <compute/vulkan/vulkan_backend.h>
#include <cstdlib>
#include <thread>

namespace nibble {
namespace {

/// Sets a variable of the environment while it lives.
class Environment {
public:
    Environment(const char* name, const char* value) : m_name(name) {
        if (const char* before = std::getenv(name)) m_before = before, m_set = true;
        value ? setenv(name, value, 1) : unsetenv(name);
    }
    ~Environment() { m_set ? setenv(m_name, m_before.c_str(), 1) : unsetenv(m_name); }

private:
    const char* m_name;
    std::string m_before;
    bool m_set = false;
};

/// A layer's worth of everything.
struct Small {
    WeightId table, matrix, norm;
    BufferId x, y;
    KvId kv;
    RopeId rope;

    Small(Backend& b, Random& random) {
        table = b.addWeight(randomWeights(random, format(FormatId::F16), 9, 64), WeightUse::Embedding);
        matrix = b.addWeight(randomWeights(random, format(FormatId::Q4_0), 64, 64), WeightUse::Matmul);
        norm = b.addWeight(randomWeights(random, format(FormatId::F32), 1, 64), WeightUse::Vector);
        x = b.addBuffer("x", 4, 64);
        y = b.addBuffer("y", 4, 64);
        kv = b.addKv({200, 2, 32, 32, KvFormat::F16});
        RopeSpec spec;
        spec.frequencies.assign(16, 0.1f);
        rope = b.addRope(spec);
        b.prepare(4);
    }
    /// What the layer makes of the tokens, at a position.
    std::vector<float> run(Backend& b, int32_t pos0, const std::vector<int32_t>& tokens) const {
        const auto rows = int32_t(tokens.size());
        const View vx{x, 0, rows}, vy{y, 0, rows};
        b.begin(pos0);
        b.embed(table, tokens, vx, 1);
        b.rmsNorm(vx, norm, 1e-5f, 64, vx);
        const Product p{matrix, vy, {}, {}};
        b.matmul(vx, {&p, 1});
        b.rmsNorm(vy, {}, 1e-5f, 64, vy);
        b.rope(rope, vy, 2, 32);
        b.writeKv(kv, vy, vy);
        AttentionSpec spec;
        spec.nHeads = spec.nKvHeads = 2;
        spec.keyDim = spec.valueDim = 32;
        b.attention(spec, vy, kv, vx);
        b.finish();
        const auto result = b.read(vx);
        return {result.begin(), result.end()};
    }
};

class VulkanBackendTest : public testing::Test {
protected:
    void SetUp() override {
        std::string whyNot;
        if (!makeCase().make(pool, whyNot)) GTEST_SKIP() << whyNot;
    }
    static BackendCase makeCase() { return {"Vulkan", {}, true, {}}; }
    std::unique_ptr<Backend> make(const VulkanOptions& options = {}) { return makeVulkanBackend(pool, options); }
    ThreadPool pool{2};
};

TEST_F(VulkanBackendTest, MemoryEqualsTheDryRunForEveryFormatAndUse) {
    Random random(2);
    const VulkanLimits limits = vulkanDevices().devices[0].limits;
    for (WeightUse use : {WeightUse::Matmul, WeightUse::Embedding, WeightUse::EmbeddingAndMatmul, WeightUse::Vector}) {
        VulkanOptions options;
        options.terms = use == WeightUse::Matmul ? InputTerms::Two : InputTerms::One;
        const auto real = make(options), dry = makeDryVulkanBackend(limits, options.terms);
        uint64_t fileBytes = 0;
        for (const Format* f : formats()) {
            const int64_t rows = use == WeightUse::Vector ? 1 : 12;
            const WeightRows w = randomWeights(random, *f, rows, 512);
            // Too large for a shared block, of zeros: cheap to make.
            const auto zeros = std::make_shared<std::vector<std::byte>>(f->rowBytes(1024) * 9000);
            WeightRows large = w;
            large.cols = 1024;
            large.rows = 9000;
            large.planes = {zeros->data()};
            large.owner = zeros;
            for (Backend* b : {real.get(), dry.get()}) {
                b->addWeight(w, use);
                if (f->id == FormatId::Q4_0 || f->id == FormatId::F32) b->addWeight(large, use);
                b->addBuffer("x", 7, 513);
                b->addKv({33, 3, 20, 36, KvFormat::F16});
                b->addKv({3333, 3, 40, 8, KvFormat::Q8_0});
                RopeSpec rope;
                rope.frequencies = {1, 2, 3};
                b->addRope(rope);
            }
            fileBytes += w.bytes();
        }
        for (int32_t rows : {7, 300}) {
            for (Backend* b : {real.get(), dry.get()}) b->prepare(rows);
            const MemoryUse expected = real->memory(), got = dry->memory();
            EXPECT_EQ(got.weights, expected.weights);
            EXPECT_EQ(got.kv, expected.kv);
            EXPECT_EQ(got.activations, expected.activations);
            EXPECT_EQ(got.scratch, expected.scratch);
            EXPECT_GT(got.weights, fileBytes);
            EXPECT_EQ(got.mappedWeights, 0u);
        }
    }
}

TEST_F(VulkanBackendTest, CountsTheSameWorkAsTheDryRun) {
    Random random(2), again(2);
    const auto real = make(), dry = makeDryVulkanBackend();
    Small(*real, random).run(*real, 5, {1, 2, 3, 4});
    Small(*dry, again).run(*dry, 5, {1, 2, 3, 4});
    EXPECT_EQ(real->work().macs, dry->work().macs);
    EXPECT_EQ(real->work().weightBytes, dry->work().weightBytes);
    EXPECT_EQ(real->work().kvBytes, dry->work().kvBytes);
    EXPECT_EQ(real->work().dispatches, 7) << "the norm quantizes for the product";
    EXPECT_GT(real->work().barriers, 4);
    EXPECT_LT(real->work().barriers, real->work().dispatches);
    real->resetWork();
    EXPECT_EQ(real->work().dispatches + real->work().barriers, 0);
}

TEST_F(VulkanBackendTest, QuantizesInputsOnceAndAgainWhereTheyChanged) {
    std::vector<std::vector<float>> results[2];
    const auto real = make(), reference = makeCpuBackend(pool, CpuLevel::Scalar);
    for (Backend* b : {real.get(), reference.get()}) {
        Random random(4);
        const Small s(*b, random);
        const BufferId z = b->addBuffer("z", 4, 64), w = b->addBuffer("w", 4, 64);
        b->prepare(4);
        const View vx{s.x, 0, 2}, vy{s.y, 0, 2}, vz{z, 0, 2}, vw{w, 0, 2};
        const Product y{s.matrix, vy, {}, {}}, again{s.matrix, vz, {}, {}}, changed{s.matrix, vw, {}, {}};
        b->begin(3);
        b->embed(s.table, std::vector<int32_t>{1, 2}, vx, 1);
        b->rmsNorm(vx, s.norm, 1e-5f, 64, vx);
        b->matmul(vx, {&y, 1});
        b->matmul(vx, {&again, 1});
        b->add(vx, vy, 0.5f, vx);
        b->matmul(vx, {&changed, 1});
        b->rope(s.rope, vy, 2, 32); // with the next one
        b->rope(s.rope, vz, 1, 32);
        b->rope(s.rope, vw, 2, 32); // on its own
        b->add(vw, vy, 1, vw);
        b->rope(s.rope, vy, 2, 32); // the last operation
        b->finish();
        for (const View& v : {vy, vz, vw}) {
            const auto rows = b->read(v);
            results[b == reference.get()].emplace_back(rows.begin(), rows.end());
        }
    }
    // embed, norm, two products; add, quantize_rows, product; three rotations of four views, add.
    EXPECT_EQ(real->work().dispatches, 11);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_LT(nmse(results[0][i], results[1][i]), 1e-9) << i;
}

/// Kernels are compiled while weights are added, so that the first products find them.
TEST_F(VulkanBackendTest, CompilesTheKernelsOfProductsBeforeTheyAreNeeded) {
    constexpr int32_t kRows = 40, kCols = 256;
    Random random(8);
    const auto backend = make();
    Pipelines& pipelines = dynamic_cast<VulkanBackend&>(*backend).pipelines();
    std::vector<WeightId> weights;
    for (FormatId id : {FormatId::Q4_0, FormatId::Q6_K, FormatId::F16})
        weights.push_back(backend->addWeight(randomWeights(random, format(id), kCols, kCols), WeightUse::Matmul));
    const BufferId x = backend->addBuffer("x", kRows, kCols), y = backend->addBuffer("y", kRows, kCols);
    backend->prepare(kRows);
    for (int i = 0; i < 3000 && !pipelines.idle(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(pipelines.idle());
    EXPECT_EQ(pipelines.compiledLate(), 0u);
    for (int32_t rows : {1, kRows})
        for (WeightId weight : weights) {
            const View in{x, 0, rows}, out{y, 0, rows};
            backend->write(in, randomFloats(random, std::size_t(rows * kCols)));
            const Product product{weight, out, {}, {}};
            backend->begin(0);
            backend->matmul(in, {&product, 1});
            backend->rmsNorm(out, {}, 1e-5f, kCols, out);
            backend->finish();
        }
    EXPECT_EQ(pipelines.compiledLate(), 0u);
    backend->begin(0);
    backend->scale({y, 0, 1}, 2, 0); // not foreseen
    backend->finish();
    EXPECT_EQ(pipelines.compiledLate(), 1u);
}

TEST_F(VulkanBackendTest, CompilesTheKernelsOfSingleTokensBesideAPrompt) {
    constexpr int32_t kPrompt = 30, kHead = 64, kCapacity = 4096;
    for (const KvFormat format : {KvFormat::F16, KvFormat::Q8_0})
        for (const bool quantized : {true, false}) {
            Random random(9);
            const auto backend = make({.wantedGroups = 64});
            Pipelines& pipelines = dynamic_cast<VulkanBackend&>(*backend).pipelines();
            const Format& weights = nibble::format(quantized ? FormatId::Q4_0 : FormatId::F16);
            const WeightId weight = backend->addWeight(randomWeights(random, weights, kHead, kHead), WeightUse::Matmul);
            RopeSpec rope;
            rope.frequencies.assign(kHead / 2, 0.1f);
            const RopeId turn = backend->addRope(rope);
            const KvId kv = backend->addKv({kCapacity, 1, kHead, kHead, format});
            std::array<BufferId, 5> buffers;
            for (BufferId& b : buffers) b = backend->addBuffer("x", kPrompt, kHead);
            backend->prepare(kPrompt);
            const auto run = [&](int32_t pos0, int32_t rows) {
                for (int i = 0; i < 3000 && !pipelines.idle(); ++i)
                    std::this_thread::sleep_for(std::chrono::milliseconds(10));
                std::array<View, 5> views;
                for (std::size_t i = 0; i < views.size(); ++i) views[i] = {buffers[i], 0, rows};
                const auto& [in, q, k, v, out] = views;
                backend->write(in, randomFloats(random, std::size_t(rows * kHead)));
                const Product products[] = {{weight, q, {}, {}}, {weight, k, {}, {}}, {weight, v, {}, {}}};
                const std::size_t before = pipelines.compiledLate();
                backend->begin(pos0);
                backend->matmul(in, products);
                backend->rope(turn, q, 1, kHead);
                backend->rope(turn, k, 1, kHead);
                backend->writeKv(kv, k, v);
                backend->attention({1, 1, kHead, kHead}, q, kv, out);
                backend->gatedActivation(Activation::Silu, out, in, out);
                backend->finish();
                return pipelines.compiledLate() - before;
            };
            EXPECT_LE(run(0, kPrompt), 2u) << "attention, and its reduction";
            EXPECT_EQ(run(kPrompt, 1), 0u);
            EXPECT_EQ(run(kCapacity - 1, 1), 0u) << "in parts";
        }
}

/// More weights than there is room for, several of one input, and of one token: what streams gives what is there gives.
TEST_F(VulkanBackendTest, StreamedWeightsGiveWhatResidentOnesGive) {
    constexpr int32_t kRows = 40, kCols = 512, kWeights = 5;
    std::vector<float> results[2];
    MemoryUse memory[2];
    const auto resident = make(), streaming = make(), dry = makeDryVulkanBackend(vulkanDevices().devices[0].limits);
    for (Backend* b : {resident.get(), streaming.get(), dry.get()}) {
        Random random(6);
        std::vector<WeightId> weights;
        for (int i = 0; i < kWeights; ++i) {
            const int64_t rows = kCols + (i == 3 ? 96 : 0) + (i == 4 ? 4096 : 0);
            const FormatId format = i == 2 ? FormatId::BF16 : FormatId::Q4_K;
            const WeightRows w = randomWeights(random, nibble::format(format), rows, kCols);
            weights.push_back(b == resident.get() ? b->addWeight(w, WeightUse::Matmul) : b->addStreamedWeight(w));
            ASSERT_TRUE(weights.back());
            WeightRows gone = w;
            gone.owner = nullptr;
            EXPECT_FALSE(b->addStreamedWeight(gone)) << "nothing keeps the rows";
        }
        const BufferId x = b->addBuffer("x", kRows, kCols), y = b->addBuffer("y", kRows, kCols),
                       wide = b->addBuffer("wide", kRows, kCols + 96),
                       widest = b->addBuffer("widest", kRows, kCols + 4096);
        b->prepare(kRows);
        memory[b == streaming.get()] = b->memory();
        if (b == dry.get()) continue;
        const std::vector<float> values = randomFloats(random, kRows * kCols);
        for (int32_t rows : {1, 7, kRows, 1}) {
            const View vx{x, 0, rows}, vy{y, 0, rows};
            b->write(vx, std::span(values).first(std::size_t(rows * kCols)));
            b->begin(0);
            const Product first[] = {{weights[0], vy, {}, {}},
                                     {weights[3], {wide, 0, rows}, {}, {}},
                                     {weights[4], {widest, 0, rows}, {}, {}}};
            b->matmul(vx, first);
            const Product back{weights[1], vx, {}, vx}, again{weights[2], vy, {}, vy};
            b->matmul(vy, {&back, 1});
            b->matmul(vx, {&again, 1});
            b->finish();
            for (const View& v : {vx, vy, View{wide, 0, rows}, View{widest, 0, rows}}) {
                const auto got = b->read(v);
                auto& all = results[b == streaming.get()];
                all.insert(all.end(), got.begin(), got.end());
            }
        }
    }
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(memory[0].total(), memory[1].total()) << "the dry run's";
    EXPECT_EQ(memory[1].weights, 0u);
}

/// A step that is repeated from its recording gives what recording it anew gives.
TEST_F(VulkanBackendTest, RepeatsStepsAtOtherPositionsWithOtherTokens) {
    Random random(3), again(3);
    const auto kept = make();
    VulkanOptions plain;
    plain.mappedResults = plain.pushDescriptors = false;
    const auto other = make(plain);
    const Small a(*kept, random), b(*other, again);
    for (int32_t pos = 0; pos < 150; ++pos) {
        const std::vector<int32_t> token{pos % 9};
        const std::vector<float> got = a.run(*kept, pos, token);
        // Two rows where one would do are never repeated; attention still sees the same keys.
        const std::vector<float> expected = b.run(*other, pos, {pos % 9, 0});
        ASSERT_LT(nmse(got, std::vector<float>(expected.begin(), expected.begin() + 64)), 1e-12) << pos;
    }
}

TEST_F(VulkanBackendTest, SaysWhenMemoryIsShortWhereverThatHappens) {
    int failures = 0;
    for (int n = 0;; ++n) {
        Random random(1);
        VulkanOptions options;
        options.mappedResults = false; // the most allocations
        options.faults.allocation = n;
        const auto backend = make(options);
        try {
            Small(*backend, random).run(*backend, 0, {1});
            break;
        } catch (const Error& e) {
            EXPECT_EQ(e.kind, ErrorKind::NoMemory) << n;
            EXPECT_FALSE(e.detail.empty());
            ++failures;
        }
        ASSERT_LT(n, 100);
    }
    EXPECT_GE(failures, 6) << "weights, staging, buffers, KV, scratch, step";
    const auto backend = make();
    try {
        backend->addBuffer("far too large", int64_t(1) << 40, 1 << 20);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::NoMemory);
    }
}

TEST_F(VulkanBackendTest, SurvivesALostDeviceWhereverThatHappens) {
    int failures = 0;
    for (int n = 0;; ++n) {
        Random random(1);
        VulkanOptions options;
        options.mappedResults = false;
        options.faults.submission = n;
        const auto backend = make(options);
        std::unique_ptr<Small> small;
        try {
            small = std::make_unique<Small>(*backend, random);
            for (int pos = 0; pos < 3; ++pos) small->run(*backend, pos, {1});
            break;
        } catch (const Error& e) {
            EXPECT_EQ(e.kind, ErrorKind::Device) << n;
            EXPECT_NE(e.detail.find("VK_ERROR_DEVICE_LOST"), std::string::npos) << e.detail;
            ++failures;
        }
        if (small) {
            EXPECT_THROW(small->run(*backend, 0, {1}), Error) << "a lost device stays lost";
        }
        ASSERT_LT(n, 100);
    }
    EXPECT_GE(failures, 3 + 2 * 3) << "uploads, then a batch and its result three times";
}

TEST_F(VulkanBackendTest, StopsAnUpload) {
    const auto backend = make();
    std::stop_source stop;
    backend->setStop(stop.get_token());
    stop.request_stop();
    Random random(1);
    try {
        backend->addWeight(randomWeights(random, format(FormatId::Q4_0), 64, 64), WeightUse::Matmul);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::Canceled);
    }
}

TEST(VulkanDevices, SayWhyThereAreNone) {
    try {
        Instance::open("libno-such-loader.so.1");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::NotFound);
        EXPECT_NE(e.message.find("not installed"), std::string::npos);
    }
    // In a process of its own, because this one may have found a driver and keeps it.
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto withoutDriver = [] {
        const Environment files("VK_ICD_FILENAMES", "/nonexistent.json");
        const Environment drivers("VK_DRIVER_FILES", "/nonexistent.json");
        const VulkanDevices none = vulkanDevices();
        ThreadPool pool(1);
        try {
            makeVulkanBackend(pool);
        } catch (const Error&) {
            std::exit(none.devices.empty() && !none.whyNone.empty() ? 0 : 1);
        }
        std::exit(2);
    };
    EXPECT_EXIT(withoutDriver(), testing::ExitedWithCode(0), "");
}

TEST(VulkanDevices, AreSoftwareOnlyWhereAskedFor) {
    const Environment software("NIBBLE_VULKAN_SOFTWARE", nullptr);
    for (const VulkanDevice& device : vulkanDevices().devices) {
        EXPECT_FALSE(device.name.empty());
        EXPECT_LE(device.availableBytes, device.memoryBytes);
        EXPECT_EQ(device.usable, device.whyNot.empty());
        if (device.type == VulkanDeviceType::Software) {
            EXPECT_FALSE(device.usable);
        }
    }
}

} // namespace
} // namespace nibble
