// The host side of Vulkan: what kernels say of themselves, barriers, submissions, kept batches.
#include "vulkan_fixture.h"

namespace nibble {
namespace {

struct AddPush {
    uint32_t aFirst, aStride, bFirst, bStride, outFirst, outStride, cols;
    float factor;
};

TEST(Shaders, SayWhatTheyBindAndPush) {
    const ShaderInterface add = reflect(findShader("add").code);
    ASSERT_EQ(add.bindings.size(), 3u);
    EXPECT_TRUE(add.bindings[0].reads && add.bindings[1].reads && add.bindings[2].writes);
    EXPECT_FALSE(add.bindings[0].writes || add.bindings[2].reads);
    EXPECT_EQ(add.pushBytes, sizeof(AddPush));
    for (const Shader& shader : shaders()) {
        EXPECT_LE(reflect(shader.code).pushBytes, 128u) << shader.name;
        EXPECT_FALSE(reflect(shader.code).bindings.empty()) << shader.name;
    }
}

class VulkanRecorder : public VulkanTest {
protected:
    void add(const Range& a, const Range& b, const Range& out, float factor) {
        const auto n = uint32_t(a.bytes / 4);
        recorder->dispatch("add", {}, std::array{a, b, out}, AddPush{0, n, 0, n, 0, n, n, factor},
                           {(n + 127) / 128, 1, 1});
    }
};

TEST_F(VulkanRecorder, PutsABarrierOnlyWhereSomethingWaitsForIt) {
    const std::vector<float> ones(1000, 1.f), zeros(1000, 0.f);
    const Range a = upload(ones), b = upload(ones), c = upload(zeros), d = upload(zeros);
    recorder->begin(false);
    add(a, b, c, 1); // c = 2
    add(a, b, d, 2); // d = 3, independent
    EXPECT_EQ(recorder->counts().barriers, 0);
    add(c, d, c, 1); // c = 5, reads what was written
    EXPECT_EQ(recorder->counts().barriers, 1);
    add(a, b, d, 3); // d = 4, overwrites what is being read
    EXPECT_EQ(recorder->counts().barriers, 2);
    recorder->finish();
    EXPECT_EQ(download(c, 1000), std::vector<float>(1000, 5));
    EXPECT_EQ(download(d, 1000), std::vector<float>(1000, 4));
    EXPECT_EQ(recorder->counts().submissions, 1);
    EXPECT_EQ(pipelines->count(), 1u);
}

/// Whoever is first compiles a kernel, the recorder or a worker; nobody has to wait for what nobody needs.
TEST_F(VulkanRecorder, TakesKernelsFromWorkersOrCompilesThemItself) {
    const std::vector<float> ones(64, 1.f);
    for (int round = 0; round < 5; ++round) {
        pipelines = std::make_unique<Pipelines>(*gpu);
        recorder = std::make_unique<Recorder>(*gpu, *pipelines);
        for (const uint32_t pairs : {0u, 1u}) pipelines->prefetch("top_values", std::array{pairs});
        for (const char* kernel : {"rms_norm", "add", "scale", "add", "mix_experts", "dim_rows"})
            pipelines->prefetch(kernel, {});
        EXPECT_EQ(pipelines->count(), 7u);
        const Range a = upload(ones), out = upload(ones);
        recorder->begin(false);
        add(a, a, out, 2);
        recorder->finish();
        EXPECT_EQ(download(out, 64), std::vector<float>(64, 3));
        EXPECT_LE(pipelines->compiledLate(), 1u);
    }
}

TEST_F(VulkanRecorder, RepeatsAKeptBatchWithoutRecordingIt) {
    const Range a = upload(std::vector<float>(64, 1.f)), sum = upload(std::vector<float>(64, 0.f));
    const auto batch = [&](int n, float last) {
        recorder->begin(true);
        for (int i = 0; i < n; ++i) add(sum, a, sum, i + 1 < n ? 1 : last);
        recorder->finish();
        return download(sum, 1)[0];
    };
    EXPECT_EQ(batch(3, 1), 3);
    EXPECT_EQ(batch(3, 1), 6);
    EXPECT_EQ(batch(3, 1), 9);
    EXPECT_EQ(recorder->counts().replays, 2);
    EXPECT_EQ(recorder->counts().dispatches, 9);
    EXPECT_EQ(recorder->counts().barriers, 6);
    EXPECT_EQ(batch(3, 2), 13) << "another last dispatch";
    EXPECT_EQ(batch(2, 1), 15) << "a shorter batch";
    EXPECT_EQ(batch(4, 1), 19) << "a longer batch";
    EXPECT_EQ(batch(4, 1), 23);
    EXPECT_EQ(recorder->counts().replays, 3);
    recorder->begin(true);
    add(sum, a, sum, 1);
    recorder->flush(); // in the middle: not to be repeated
    EXPECT_EQ(download(sum, 1)[0], 24);
    add(sum, a, sum, 1);
    recorder->finish();
    EXPECT_EQ(batch(2, 1), 27);
    EXPECT_EQ(batch(2, 1), 29);
    EXPECT_EQ(recorder->counts().replays, 4);
}

TEST_F(VulkanRecorder, GoesOnAfterAStop) {
    const Range a = upload(std::vector<float>(64, 1.f)), sum = upload(std::vector<float>(64, 0.f));
    std::stop_source stop;
    recorder->setStop(stop.get_token());
    recorder->begin(true);
    add(sum, a, sum, 1);
    stop.request_stop();
    add(sum, a, sum, 1);
    EXPECT_THROW(recorder->finish(), Error);
    recorder->setStop({});
    EXPECT_EQ(download(sum, 1)[0], 0);
    for (int i = 1; i <= 2; ++i) {
        recorder->begin(true);
        add(sum, a, sum, 1);
        recorder->finish();
        EXPECT_EQ(download(sum, 1)[0], float(i));
    }
}

TEST_F(VulkanRecorder, SubmitsLongBatchesInPieces) {
    const Range a = upload(std::vector<float>(64, 1.f)), sum = upload(std::vector<float>(64, 0.f));
    recorder->begin(false);
    for (int i = 0; i < 20; ++i)
        recorder->dispatch("add", {}, std::array{sum, a, sum}, AddPush{0, 64, 0, 64, 0, 64, 64, 1}, {1, 1, 1}, 1e8);
    recorder->finish();
    EXPECT_EQ(download(sum, 64), std::vector<float>(64, 20.f));
    EXPECT_GT(recorder->counts().submissions, 2);
    EXPECT_LE(recorder->counts().submissions, 10);
}

TEST(SubmitBudget, GrowsAndShrinksTowardsItsTarget) {
    SubmitBudget budget;
    const double first = budget.cost();
    budget.measured(first, 3000);
    EXPECT_EQ(budget.cost(), first / 4) << "compiled for the first time";
    for (int i = 0; i < 40; ++i) budget.measured(budget.cost(), budget.cost() / 1e8); // 1e8 a millisecond
    EXPECT_NEAR(budget.cost(), 15e8, 1e7);
    budget.measured(1e6, 0.01);
    EXPECT_NEAR(budget.cost(), 15e8, 1e7) << "a small piece says nothing";
    budget.measured(1e6, 100);
    EXPECT_LT(budget.cost(), 4e8) << "unless it took long";
}

class VulkanRecorderWithPools : public VulkanRecorder {
    void SetUp() override {
        VulkanOptions options;
        options.pushDescriptors = false;
        open(options);
    }
};

TEST_F(VulkanRecorderWithPools, BindsManySetsAndRepeats) {
    const Range a = upload(std::vector<float>(64, 1.f)), sum = upload(std::vector<float>(64, 0.f));
    for (int repeat = 1; repeat <= 3; ++repeat) {
        recorder->begin(repeat < 3);
        for (int i = 0; i < 300; ++i) add(sum, a, sum, 1);
        recorder->finish();
        EXPECT_EQ(download(sum, 64), std::vector<float>(64, 300.f * float(repeat)));
    }
}

} // namespace
} // namespace nibble
