// Layers of experts on every backend, against plain formulas: the choice, products with the chosen ones, their sum.
#include "backends.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <limits>
#include <nibble/error.h>
#include <numeric>

namespace nibble {
namespace {

using Doubles = std::vector<double>;

struct Choice {
    std::vector<int> experts; // of one token, largest logit first
    Doubles weights;
};

Choice chosen(const RouterSpec& spec, const float* logits) {
    std::vector<int> all(std::size_t(spec.experts), 0);
    std::iota(all.begin(), all.end(), 0);
    std::ranges::stable_sort(all, [&](int a, int b) { return logits[a] > logits[b]; });
    Choice choice;
    choice.experts.assign(all.begin(), all.begin() + spec.used);
    double sum = 0;
    for (int e : spec.normalised ? choice.experts : all) sum += std::exp(double(logits[e]));
    for (int e : choice.experts) choice.weights.push_back(double(spec.scale) * std::exp(double(logits[e])) / sum);
    return choice;
}

/// A matrix of `planes` experts, each with memory of its own.
WeightRows randomExperts(Random& random, const Format& f, int planes, int64_t rows, int64_t cols) {
    WeightRows all = randomWeights(random, f, rows, cols);
    auto owners = std::make_shared<std::vector<WeightRows>>(1, all);
    while (int(all.planes.size()) < planes) {
        owners->push_back(randomWeights(random, f, rows, cols));
        all.planes.push_back(owners->back().planes[0]);
    }
    all.owner = owners;
    all.dims = 3;
    return all;
}

/// Plane e of the weight times x.
Doubles product(const WeightRows& w, int e, const double* x) {
    Doubles out;
    std::vector<float> row(std::size_t(w.cols));
    for (int64_t r = 0; r < w.rows; ++r) {
        w.decodeRow(r, row.data(), e);
        out.push_back(std::inner_product(row.begin(), row.end(), x, 0.0));
    }
    return out;
}

class Experts : public testing::TestWithParam<BackendCase> {
protected:
    void SetUp() override { open(); }
    /// A fresh backend; skips the test where there is none.
    void open() {
        std::string whyNot;
        backend = GetParam().make(pool, whyNot);
        if (!backend) GTEST_SKIP() << whyNot;
    }

    ThreadPool pool{3};
    std::unique_ptr<Backend> backend;
    Random random{5};

    BufferId filled(const std::vector<float>& values, int64_t cols) {
        const auto rows = int32_t(int64_t(values.size()) / cols);
        const BufferId id = backend->addBuffer("test", rows, cols);
        backend->write({id, 0, rows}, values);
        return id;
    }
    WeightId vector(const std::vector<float>& values, int64_t cols) {
        WeightRows w;
        w.name = "bias";
        w.rows = int64_t(values.size()) / cols;
        w.cols = cols;
        w.planes = {reinterpret_cast<const std::byte*>(values.data())};
        return backend->addWeight(w, WeightUse::Vector);
    }
    std::span<const float> values(BufferId id, int32_t rows) {
        backend->finish();
        return backend->read({id, 0, rows});
    }
};

/// What each slot's row adds to its token shows the slot's weight; that of expert e is the e-th unit vector's.
TEST_P(Experts, AreChosenByTheirLogits) {
    for (const RouterSpec& spec :
         {RouterSpec{8, 2, true, 1}, RouterSpec{8, 2, false, 1}, RouterSpec{128, 8, true, 2.5f},
          RouterSpec{4, 4, false, 1}, RouterSpec{3, 1, true, 1}}) {
        const int32_t tokens = 70, experts = spec.experts, slots = tokens * spec.used;
        std::vector<float> logits = randomFloats(random, std::size_t(tokens * experts), 3);
        std::fill_n(logits.begin(), experts, 1.f); // all equal: the first ones
        for (int e = 0; e < experts; ++e) logits[std::size_t(experts + e)] = float(e % 2) * 200 - 100; // exp overflows
        WeightRows identity;
        identity.name = "identity";
        identity.rows = experts;
        identity.cols = 1;
        std::vector<float> unit(std::size_t(experts * experts), 0.f);
        for (int e = 0; e < experts; ++e) unit[std::size_t(e * experts + e)] = 1;
        for (int e = 0; e < experts; ++e)
            identity.planes.push_back(reinterpret_cast<const std::byte*>(unit.data() + e * experts));

        const RouterId router = backend->addRouter(spec);
        const WeightId weight = backend->addWeight(identity, WeightUse::Matmul);
        const BufferId in = filled(logits, experts), one = filled(std::vector<float>(std::size_t(tokens), 1.f), 1);
        const BufferId rows = backend->addBuffer("slots", slots, experts);
        const BufferId out = filled(std::vector<float>(logits.size(), 0.f), experts);
        const std::vector<float> ofExperts = randomFloats(random, std::size_t(experts));
        const WeightId scales = vector(ofExperts, experts);
        backend->prepare(tokens);
        backend->begin(0);
        backend->route(router, {in, 0, tokens}, {});
        const Product p{weight, {rows, 0, slots}, {}, {}};
        backend->expertMatmul(router, {one, 0, tokens}, {&p, 1});
        backend->mixExperts(router, {rows, 0, slots}, {out, 0, tokens}, {out, 0, tokens});
        Doubles expected(std::size_t(tokens * experts), 0.0);
        for (int t = 0; t < tokens; ++t) {
            const Choice choice = chosen(spec, logits.data() + t * experts);
            for (std::size_t i = 0; i < choice.experts.size(); ++i)
                expected[std::size_t(t * experts + choice.experts[i])] = choice.weights[i];
        }
        EXPECT_LT(nmse(values(out, tokens), expected), GetParam().rounding(1e-12)) << spec.used << " of " << experts;

        // Scaled, and instead of what was there.
        backend->begin(0);
        backend->route(router, {in, 0, tokens}, scales);
        backend->mixExperts(router, {rows, 0, slots}, {}, {out, 0, tokens});
        for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= double(ofExperts[i % std::size_t(experts)]);
        EXPECT_LT(nmse(values(out, tokens), expected), GetParam().rounding(1e-12)) << spec.used << " of " << experts;
    }
}

/// Logits that are no numbers choose some experts, but different ones that exist.
TEST_P(Experts, AreChosenWhateverTheLogitsAre) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    const BufferId in = filled({nan, nan, nan, nan, -infinity, infinity, nan, 0}, 4), x = filled({1, 1}, 1);
    const std::vector<float> ones(4, 1.f);
    WeightRows w{.name = "ones", .cols = 1, .rows = 1, .planes = {}};
    for (const float& one : ones) w.planes.push_back(reinterpret_cast<const std::byte*>(&one));
    const WeightId weight = backend->addWeight(w, WeightUse::Matmul);
    const RouterId router = backend->addRouter({4, 3, true, 1});
    const BufferId out = backend->addBuffer("out", 6, 1);
    backend->prepare(2);
    backend->begin(0);
    backend->route(router, {in, 0, 2}, {});
    backend->resetWork();
    const Product p{weight, {out, 0, 6}, {}, {}};
    backend->expertMatmul(router, {x, 0, 2}, {&p, 1});
    for (float value : values(out, 6)) EXPECT_EQ(value, 1);
    EXPECT_GE(backend->work().weightBytes, 3 * 4) << "of one token three different experts";
}

/// A whole feed-forward layer, for one token and for many: gate and up of the tokens, down of the slots.
TEST_P(Experts, ComputeWhatTheirTokensNeed) {
    constexpr int kExperts = 5, kUsed = 2, kRows = 44;
    for (const Format* f : formats())
        for (const int tokens : {1, 2, 9, 70}) {
            const int cols = int(std::max(f->blockSize, 64u)) * 2;
            open();
            const WeightRows a = randomExperts(random, *f, kExperts, kRows, cols);
            const WeightRows b = randomExperts(random, *f, kExperts, kRows - 3, cols);
            const std::vector<float> bias = randomFloats(random, kExperts * kRows);
            const std::vector<float> x = randomFloats(random, std::size_t(tokens * cols));
            const std::vector<float> y = randomFloats(random, std::size_t(tokens * kUsed * cols));
            const std::vector<float> logits = randomFloats(random, std::size_t(tokens * kExperts));
            const RouterSpec spec{kExperts, kUsed, true, 1};
            const int slots = tokens * kUsed;

            const BufferId xRows = filled(x, cols), yRows = filled(y, cols), router = filled(logits, kExperts);
            const BufferId ofTokens = backend->addBuffer("a", slots, kRows),
                           ofSlots = backend->addBuffer("b", slots, kRows);
            const BufferId others = backend->addBuffer("c", slots, kRows - 3);
            const WeightId wa = backend->addWeight(a, WeightUse::Matmul), wb = backend->addWeight(b, WeightUse::Matmul);
            const WeightId biasId = vector(bias, kRows);
            const RouterId id = backend->addRouter(spec);
            backend->prepare(tokens);
            backend->begin(0);
            backend->route(id, {router, 0, tokens}, {});
            const Product both[] = {{wa, {ofTokens, 0, slots}, biasId, {}}, {wb, {others, 0, slots}, {}, {}}};
            backend->expertMatmul(id, {xRows, 0, tokens}, both);
            const Product down{wa, {ofSlots, 0, slots}, {}, {}};
            backend->expertMatmul(id, {yRows, 0, slots}, {&down, 1});

            Doubles expectedTokens, expectedOthers, expectedSlots;
            const Doubles xs(x.begin(), x.end()), ys(y.begin(), y.end());
            for (int slot = 0; slot < slots; ++slot) {
                const int t = slot / kUsed;
                const int e = chosen(spec, logits.data() + t * kExperts).experts[std::size_t(slot % kUsed)];
                const Doubles first = product(a, e, xs.data() + t * cols), second = product(b, e, xs.data() + t * cols);
                for (int r = 0; r < kRows; ++r)
                    expectedTokens.push_back(first[std::size_t(r)] + double(bias[std::size_t(e * kRows + r)]));
                expectedOthers.insert(expectedOthers.end(), second.begin(), second.end());
                const Doubles third = product(a, e, ys.data() + slot * cols);
                expectedSlots.insert(expectedSlots.end(), third.begin(), third.end());
            }
            // Quantized weights see activations of 8 bits.
            const double bound = f->codeBits > 0 ? 1e-4 : 1e-11;
            EXPECT_LT(nmse(values(ofTokens, slots), expectedTokens), bound) << f->name << " " << tokens;
            EXPECT_LT(nmse(values(others, slots), expectedOthers), bound) << f->name << " " << tokens;
            EXPECT_LT(nmse(values(ofSlots, slots), expectedSlots), bound) << f->name << " " << tokens;
        }
}

TEST_P(Experts, GiveEqualResultsForOneTokenAndMany) {
    constexpr int kExperts = 6, kUsed = 3, kTokens = 33, kCols = 128, kRows = 24;
    const WeightRows w = randomExperts(random, format(FormatId::Q4_0), kExperts, kRows, kCols);
    const WeightId weight = backend->addWeight(w, WeightUse::Matmul);
    const BufferId x = filled(randomFloats(random, kTokens * kCols), kCols);
    const BufferId logits = filled(randomFloats(random, kTokens * kExperts), kExperts);
    const BufferId slots = backend->addBuffer("slots", kTokens * kUsed, kRows);
    const std::vector<float> zeros(kTokens * kRows, 0.f);
    const BufferId whole = filled(zeros, kRows), single = filled(zeros, kRows);
    const RouterId router = backend->addRouter({kExperts, kUsed, true, 1});
    backend->prepare(kTokens);
    const auto run = [&](int32_t row0, int32_t rows, BufferId out) {
        backend->begin(0);
        backend->route(router, {logits, row0, rows}, {});
        const Product p{weight, {slots, 0, rows * kUsed}, {}, {}};
        backend->expertMatmul(router, {x, row0, rows}, {&p, 1});
        backend->mixExperts(router, {slots, 0, rows * kUsed}, {out, row0, rows}, {out, row0, rows});
        backend->finish();
    };
    run(0, kTokens, whole);
    for (int32_t t = 0; t < kTokens; ++t) run(t, 1, single);
    EXPECT_LT(nmse(backend->read({single, 0, kTokens}), backend->read({whole, 0, kTokens})), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(, Experts, testing::ValuesIn(backendCases()), [](const auto& p) { return p.param.name; });

TEST(DryExperts, TakeTheMemoryOfRealOnesAndReadWhatIsChosen) {
    Random random(3);
    ThreadPool pool(2);
    for (const FormatId id : {FormatId::BF16, FormatId::Q4_K})
        for (const bool mapped : {true, false}) {
            constexpr int kExperts = 7, kUsed = 2, kTokens = 5, kCols = 256;
            WeightRows w = randomExperts(random, format(id), kExperts, 20, kCols);
            const auto owner = w.owner;
            if (!mapped) w.owner = nullptr;
            const auto real = makeCpuBackend(pool, bestCpuLevel()), dry = makeDryBackend(bestCpuLevel(), 2);
            for (Backend* b : {real.get(), dry.get()}) {
                const WeightId weight = b->addWeight(w, WeightUse::Matmul);
                const BufferId x = b->addBuffer("x", kTokens, kCols), logits = b->addBuffer("l", kTokens, kExperts);
                const BufferId slots = b->addBuffer("slots", kTokens * kUsed, 20), y = b->addBuffer("y", kTokens, 20);
                const RouterId router = b->addRouter({kExperts, kUsed, true, 1});
                b->prepare(kTokens);
                b->begin(0);
                b->route(router, {logits, 0, 1}, {});
                const Product p{weight, {slots, 0, kUsed}, {}, {}};
                b->expertMatmul(router, {x, 0, 1}, {&p, 1});
                b->mixExperts(router, {slots, 0, kUsed}, {y, 0, 1}, {y, 0, 1});
                b->finish();
            }
            EXPECT_EQ(dry->memory().weights, real->memory().weights);
            EXPECT_EQ(dry->memory().mappedWeights, real->memory().mappedWeights);
            EXPECT_EQ(dry->memory().activations, real->memory().activations);
            EXPECT_EQ(dry->memory().scratch, real->memory().scratch);
            EXPECT_EQ(real->work().macs, kExperts + kUsed * (20 * kCols + 20));
            EXPECT_EQ(dry->work().macs, real->work().macs);
            EXPECT_EQ(dry->work().dispatches, 3);
            EXPECT_EQ(real->work().dispatches, 3);
            // One token reads its own experts only.
            const double all = double(real->memory().weights + real->memory().mappedWeights);
            EXPECT_NEAR(real->work().weightBytes, all * kUsed / kExperts, 64);
            EXPECT_DOUBLE_EQ(dry->work().weightBytes, real->work().weightBytes);
        }
}

TEST(DryExperts, TakeTheMemoryOfRealOnesOnVulkan) {
    Random random(3);
    ThreadPool pool(2);
    std::string whyNot;
    const auto real = BackendCase{"Vulkan", {}, true, {}}.make(pool, whyNot);
    if (!real) GTEST_SKIP() << whyNot;
    const VulkanDevices all = vulkanDevices();
    const auto dry = makeDryVulkanBackend(std::ranges::find(all.devices, true, &VulkanDevice::usable)->limits);
    constexpr int kExperts = 7, kUsed = 2, kTokens = 300, kCols = 256;
    const WeightRows w = randomExperts(random, format(FormatId::Q4_K), kExperts, 20, kCols);
    for (Backend* b : {real.get(), dry.get()}) {
        b->addWeight(w, WeightUse::Matmul);
        b->addBuffer("slots", kTokens * kUsed, 20);
        b->addRouter({kExperts, kUsed, true, 1});
        b->prepare(kTokens);
    }
    EXPECT_EQ(dry->memory().weights, real->memory().weights);
    EXPECT_EQ(dry->memory().activations, real->memory().activations);
    EXPECT_EQ(dry->memory().scratch, real->memory().scratch);
}

TEST(DryExperts, ExpectManyTokensToChooseMore) {
    Random random(3);
    const auto dry = makeDryBackend();
    const WeightRows w = randomExperts(random, format(FormatId::F32), 4, 8, 8);
    const WeightId weight = dry->addWeight(w, WeightUse::Matmul);
    const BufferId x = dry->addBuffer("x", 100, 8), slots = dry->addBuffer("slots", 100, 8);
    const RouterId router = dry->addRouter({4, 1, true, 1});
    dry->prepare(100);
    for (const auto& [tokens, experts] : {std::pair{1, 1.0}, {2, 1.75}, {3, 2.3125}, {100, 4.0}}) {
        dry->begin(0);
        dry->resetWork();
        const Product p{weight, {slots, 0, tokens}, {}, {}};
        dry->expertMatmul(router, {x, 0, tokens}, {&p, 1});
        EXPECT_NEAR(dry->work().weightBytes, experts * 8 * 8 * 4, 1e-6) << tokens;
    }
}

} // namespace
} // namespace nibble
