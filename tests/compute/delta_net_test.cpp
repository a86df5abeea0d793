// The gated delta net on every backend, against the recurrence written out in doubles.
#include "backends.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <nibble/error.h>

namespace nibble {
namespace {

using Doubles = std::vector<double>;

constexpr int32_t kTokens = 19; // more than a GPU takes at once, twice
/// Value heads that share key heads; rows and columns that leave 4 over from whole vectors.
constexpr DeltaNetSpec kSpec{.nKeyHeads = 2, .nValueHeads = 4, .keyDim = 12, .valueDim = 44, .taps = 4};
constexpr int32_t kValues = kSpec.nValueHeads * kSpec.valueDim;

WeightRows vectors(const std::vector<float>& values, int64_t rows) {
    auto owned = std::make_shared<std::vector<float>>(values);
    WeightRows w;
    w.rows = rows;
    w.cols = int64_t(values.size()) / rows;
    w.planes = {reinterpret_cast<const std::byte*>(owned->data())};
    w.owner = owned;
    return w;
}

struct Inputs {
    std::vector<float> taps, decay, step; // weights
    std::vector<float> qkv, alpha, beta;  // (kTokens, ...)
};

Inputs randomInputs() {
    Random random(7);
    Inputs in;
    in.taps = randomFloats(random, std::size_t(kSpec.channels() * kSpec.taps), 0.5f);
    in.decay = {-0.1f, -0.5f, -1, -2};
    in.step = randomFloats(random, 4);
    in.qkv = randomFloats(random, std::size_t(kTokens * kSpec.channels()));
    in.alpha = randomFloats(random, std::size_t(kTokens) * 4);
    in.beta = randomFloats(random, std::size_t(kTokens) * 4);
    return in;
}

/// out (kTokens, kValues), from nothing.
Doubles reference(const Inputs& in) {
    const int channels = kSpec.channels(), keys = kSpec.nKeyHeads * kSpec.keyDim;
    Doubles out(std::size_t(kTokens * kValues)), x(std::size_t(kTokens * channels));
    for (int t = 0; t < kTokens; ++t)
        for (int c = 0; c < channels; ++c) {
            double sum = 0;
            for (int i = 0; i < kSpec.taps; ++i) {
                const int from = t - kSpec.taps + 1 + i;
                if (from >= 0)
                    sum += double(in.taps[std::size_t(c * kSpec.taps + i)]) * in.qkv[std::size_t(from * channels + c)];
            }
            x[std::size_t(t * channels + c)] = sum / (1 + std::exp(-sum));
        }
    const auto unit = [](const double* v) {
        double sum = 1e-6;
        for (int i = 0; i < kSpec.keyDim; ++i) sum += v[i] * v[i];
        Doubles result;
        for (int i = 0; i < kSpec.keyDim; ++i) result.push_back(v[i] / std::sqrt(sum));
        return result;
    };
    for (int h = 0; h < kSpec.nValueHeads; ++h) {
        std::vector<Doubles> state(std::size_t(kSpec.keyDim), Doubles(std::size_t(kSpec.valueDim)));
        for (int t = 0; t < kTokens; ++t) {
            const double* row = x.data() + t * channels;
            const Doubles q = unit(row + h % kSpec.nKeyHeads * kSpec.keyDim);
            const Doubles k = unit(row + keys + h % kSpec.nKeyHeads * kSpec.keyDim);
            const double* v = row + 2 * keys + h * kSpec.valueDim;
            const auto gate = std::size_t(t * kSpec.nValueHeads + h);
            const double softplus = std::log1p(std::exp(double(in.alpha[gate]) + in.step[std::size_t(h)]));
            const double decay = std::exp(in.decay[std::size_t(h)] * softplus);
            const double beta = 1 / (1 + std::exp(-double(in.beta[gate])));
            for (std::size_t j = 0; j < std::size_t(kSpec.valueDim); ++j) {
                double known = 0, result = 0;
                for (std::size_t i = 0; i < k.size(); ++i) known += k[i] * (state[i][j] *= decay);
                for (std::size_t i = 0; i < k.size(); ++i) {
                    state[i][j] += k[i] * beta * (v[j] - known);
                    result += q[i] * state[i][j] / std::sqrt(double(kSpec.keyDim));
                }
                out[std::size_t(t * kValues + h * kSpec.valueDim) + j] = result;
            }
        }
    }
    return out;
}

class DeltaNet : public testing::TestWithParam<BackendCase> {
protected:
    void SetUp() override {
        std::string whyNot;
        backend = GetParam().make(pool, whyNot);
        if (!backend) GTEST_SKIP() << whyNot;
        weights = {backend->addWeight(vectors(in.taps, kSpec.channels()), WeightUse::Vector),
                   backend->addWeight(vectors(in.decay, 1), WeightUse::Vector),
                   backend->addWeight(vectors(in.step, 1), WeightUse::Vector)};
        qkv = backend->addBuffer("qkv", kTokens, kSpec.channels());
        alpha = backend->addBuffer("alpha", kTokens, kSpec.nValueHeads);
        beta = backend->addBuffer("beta", kTokens, kSpec.nValueHeads);
        out = backend->addBuffer("out", kTokens, kValues);
        state = backend->addState(kSpec);
        backend->prepare(kTokens);
    }

    /// Runs tokens [from, from + n) of the inputs, at their positions; appends to `results`.
    void run(int32_t from, int32_t n, Doubles& results) {
        const auto part = [&](const std::vector<float>& all) {
            const std::size_t cols = all.size() / kTokens;
            return std::span(all).subspan(std::size_t(from) * cols, std::size_t(n) * cols);
        };
        backend->write({qkv, 0, n}, part(in.qkv));
        backend->write({alpha, 0, n}, part(in.alpha));
        backend->write({beta, 0, n}, part(in.beta));
        backend->begin(from);
        backend->deltaNet(state, weights, {qkv, 0, n}, {alpha, 0, n}, {beta, 0, n}, {out, 0, n});
        backend->finish();
        const std::span<const float> rows = backend->read({out, 0, n});
        results.insert(results.end(), rows.begin(), rows.end());
    }

    void expectReference(const Doubles& results) {
        ASSERT_EQ(results.size(), expected.size());
        for (std::size_t i = 0; i < results.size(); ++i) ASSERT_NEAR(results[i], expected[i], 2e-6) << i;
    }

    const Inputs in = randomInputs();
    const Doubles expected = reference(in);
    ThreadPool pool{3};
    std::unique_ptr<Backend> backend;
    DeltaNetWeights weights;
    StateId state;
    BufferId qkv, alpha, beta, out;
};

TEST_P(DeltaNet, ComputesTheRecurrence) {
    Doubles results;
    run(0, kTokens, results);
    expectReference(results);
}

TEST_P(DeltaNet, ComputesTheSameTokenByToken) {
    Doubles results;
    for (int32_t t = 0; t < kTokens; ++t) run(t, 1, results);
    expectReference(results);
}

TEST_P(DeltaNet, GoesOnWhereTheBatchBeforeEndedAndAnewAtPositionZero) {
    for (int round = 0; round < 2; ++round) {
        Doubles results;
        run(0, 1, results);
        run(1, 6, results);
        run(7, 10, results);
        run(17, 2, results);
        expectReference(results);
    }
}

TEST_P(DeltaNet, GoesBackToTheStatesSetAside) {
    Doubles results, other;
    run(0, 4, results);
    backend->keepStates();
    run(6, 3, other); // something else
    backend->restoreStates();
    run(4, 1, results);
    run(5, 1, results); // on a GPU the step before it, which it kept
    backend->restoreStates();
    results.resize(std::size_t(4 * kValues));
    run(4, 15, results);
    expectReference(results);
}

/// Heads as wide as those of real models, and wider than a GPU's group takes at once.
TEST_P(DeltaNet, OfWideHeadsComputesWhatTheReferenceKernelComputes) {
    for (const int32_t keyDim : {128, 200, 300}) {
        const DeltaNetSpec spec{.nKeyHeads = 1, .nValueHeads = 2, .keyDim = keyDim, .valueDim = 128, .taps = 4};
        Random inputs(9);
        const auto values = [&](int64_t n) { return randomFloats(inputs, std::size_t(n)); };
        const std::vector<float> taps = values(spec.channels() * 4), step = values(2), decay = {-0.1f, -0.6f},
                                 rows = values(11 * spec.channels()), gates = values(11 * 2);
        const auto resultOf = [&](Backend& b) {
            const DeltaNetWeights w{b.addWeight(vectors(taps, spec.channels()), WeightUse::Vector),
                                    b.addWeight(vectors(decay, 1), WeightUse::Vector),
                                    b.addWeight(vectors(step, 1), WeightUse::Vector)};
            const View x{b.addBuffer("qkv", 11, spec.channels()), 0, 11}, a{b.addBuffer("alpha", 11, 2), 0, 11},
                c{b.addBuffer("beta", 11, 2), 0, 11}, y{b.addBuffer("out", 11, 256), 0, 11};
            const StateId wide = b.addState(spec);
            b.prepare(11);
            b.write(x, rows);
            b.write(a, gates);
            b.write(c, gates);
            b.begin(0);
            b.deltaNet(wide, w, x, a, c, y);
            b.finish();
            const auto span = b.read(y);
            return std::vector<float>(span.begin(), span.end());
        };
        const auto reference = makeCpuBackend(pool, CpuLevel::Scalar);
        EXPECT_LT(nmse(resultOf(*backend), resultOf(*reference)), 1e-11) << keyDim;
    }
}

INSTANTIATE_TEST_SUITE_P(Backends, DeltaNet, testing::ValuesIn(backendCases()),
                         [](const auto& test) { return test.param.name; });

TEST(DeltaNetMemory, IsWhatTheDryBackendSaysWhateverTheLengthOfTheText) {
    ThreadPool pool(2);
    const auto real = makeCpuBackend(pool), dry = makeDryBackend(bestCpuLevel(), 2);
    for (Backend* b : {real.get(), dry.get()}) {
        b->addState(kSpec);
        b->prepare(4);
    }
    EXPECT_EQ(real->memory().kv, dry->memory().kv);
    const uint64_t floats = 3 * uint64_t(kSpec.channels()) + 4 * 12 * 44;
    EXPECT_NEAR(double(real->memory().kv), 2 * 4 * double(floats), 256);
}

TEST(DeltaNetMemory, OnVulkanIsWhatTheDryBackendSays) {
    ThreadPool pool(2);
    std::string whyNot;
    const auto real = BackendCase{"Vulkan", {}, true, {}}.make(pool, whyNot);
    if (!real) GTEST_SKIP() << whyNot;
    const VulkanDevices all = vulkanDevices();
    const auto dry = makeDryVulkanBackend(std::ranges::find(all.devices, true, &VulkanDevice::usable)->limits);
    for (Backend* b : {real.get(), dry.get()}) {
        b->addState(kSpec);
        b->prepare(4);
    }
    EXPECT_EQ(real->memory().kv, dry->memory().kv);
    EXPECT_GE(real->memory().kv, 2 * 4 * uint64_t(kSpec.stateFloats()));
}

TEST(DeltaNetMemory, OnVulkanIsRefusedWhereHeadsAreTooWide) {
    const auto dry = makeDryVulkanBackend({});
    for (const DeltaNetSpec& spec : {DeltaNetSpec{1, 1, 513, 8, 4}, {1, 1, 8, 8, 9}, {1, 8192, 8, 8, 4}}) try {
            dry->addState(spec);
            ADD_FAILURE() << spec.keyDim;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::Unsupported);
        }
}

} // namespace
} // namespace nibble
