// Attention with all its features against a plain softmax in double precision over the values that the cache holds.
#include "backends.h"

#include <base/thread_pool.h>
#include <formats/half.h>
#include <gtest/gtest.h>

namespace nibble {
namespace {

struct Case {
    const char* name;
    int heads, kvHeads, keyDim, valueDim, window, capacity;
    float softcap;
    bool sinks;
    KvFormat format;
    std::vector<int> batches; // rows of each, one after the other
};

const Case kCases[] = {
    {"SmolLm", 9, 3, 64, 64, 0, 200, 0, false, KvFormat::F16, {70, 1, 1, 33}},
    {"OneHead", 1, 1, 128, 128, 0, 100, 0, false, KvFormat::F16, {5, 1, 90}},
    {"OddDims", 4, 2, 20, 12, 0, 64, 0, false, KvFormat::F16, {17, 3, 1}},
    {"TinyDims", 2, 1, 4, 4, 0, 16, 0, false, KvFormat::F16, {9, 1}},
    {"ManyHeadsPerKv", 64, 1, 32, 32, 0, 90, 0, false, KvFormat::F16, {3, 1, 80}},
    {"Exact", 4, 2, 20, 12, 0, 64, 0, false, KvFormat::F32, {17, 3, 1}},
    {"WideKeys", 2, 2, 512, 64, 0, 80, 0, false, KvFormat::F16, {70, 1}},
    {"WideHeads", 4, 1, 512, 512, 0, 80, 0, false, KvFormat::F16, {70, 1}},
    {"Softcap", 8, 4, 64, 64, 0, 90, 20, false, KvFormat::F16, {66, 1}},
    {"Sinks", 8, 2, 64, 64, 0, 90, 0, true, KvFormat::F16, {66, 1, 2}},
    {"Window", 6, 2, 64, 64, 10, 300, 0, false, KvFormat::F16, {100, 1, 1, 40}},
    {"WindowRing", 6, 2, 64, 64, 24, 24 + 50, 0, false, KvFormat::F16, {50, 50, 1, 1, 30, 50, 50}},
    {"WindowRingSinksSoftcap", 4, 4, 32, 32, 7, 7 + 20, 15, true, KvFormat::Q8_0, {20, 20, 1, 19, 1}},
    {"Q8", 9, 3, 64, 64, 0, 200, 0, false, KvFormat::Q8_0, {70, 1, 1, 33}},
    {"Q8OddDims", 4, 2, 40, 24, 0, 64, 0, false, KvFormat::Q8_0, {17, 3, 1}},
    {"LongDecode", 9, 3, 64, 64, 0, 1200, 0, false, KvFormat::F16, {1024, 1, 1, 4}},
};

class Attention : public testing::TestWithParam<std::tuple<BackendCase, int, Case>> {};

TEST_P(Attention, EqualsThePlainSoftmax) {
    const auto& [where, threads, c] = GetParam();
    if (where.vulkan && threads > 1) GTEST_SKIP() << "threads make no difference to a device";
    Random random(5);
    ThreadPool pool(threads);
    std::string whyNot;
    const auto backend = where.make(pool, whyNot);
    if (!backend) GTEST_SKIP() << whyNot;
    int total = 0, largest = 0;
    for (int rows : c.batches) {
        total += rows;
        largest = std::max(largest, rows);
    }
    const int qCols = c.heads * c.keyDim, kCols = c.kvHeads * c.keyDim, vCols = c.kvHeads * c.valueDim;
    const int outCols = c.heads * c.valueDim;
    const BufferId q = backend->addBuffer("q", largest, qCols), k = backend->addBuffer("k", largest, kCols);
    const BufferId v = backend->addBuffer("v", largest, vCols), out = backend->addBuffer("out", largest, outCols);
    const KvId kv = backend->addKv({c.capacity, c.kvHeads, c.keyDim, c.valueDim, c.format});

    const auto table = [&](const std::vector<float>& x, int cols, WeightUse use) {
        WeightRows w;
        w.name = "table";
        w.cols = cols;
        w.rows = int64_t(x.size()) / cols;
        w.planes = {reinterpret_cast<const std::byte*>(x.data())};
        return backend->addWeight(w, use);
    };
    const std::vector<float> qs = randomFloats(random, std::size_t(total * qCols), 2);
    std::vector<float> ks = randomFloats(random, std::size_t(total * kCols));
    std::vector<float> vs = randomFloats(random, std::size_t(total * vCols));
    const std::vector<float> sinks = randomFloats(random, std::size_t(c.heads), 3);
    if (c.format == KvFormat::F16) // values that the cache keeps exactly
        for (auto* x : {&ks, &vs})
            for (float& f : *x) f = f16ToF32(f32ToF16(f));
    const WeightId qTable = table(qs, qCols, WeightUse::Embedding), kTable = table(ks, kCols, WeightUse::Embedding);
    const WeightId vTable = table(vs, vCols, WeightUse::Embedding),
                   sinkTable = table(sinks, c.heads, WeightUse::Vector);
    backend->prepare(largest);

    AttentionSpec spec;
    spec.nHeads = c.heads;
    spec.nKvHeads = c.kvHeads;
    spec.keyDim = c.keyDim;
    spec.valueDim = c.valueDim;
    spec.scale = 1 / std::sqrt(float(c.keyDim));
    spec.window = c.window;
    spec.softcap = c.softcap;
    if (c.sinks) spec.sinks = sinkTable;

    int pos = 0;
    for (int rows : c.batches) {
        std::vector<int32_t> tokens;
        for (int i = 0; i < rows; ++i) tokens.push_back(pos + i);
        backend->begin(pos);
        backend->embed(qTable, tokens, {q, 0, rows}, 1);
        backend->embed(kTable, tokens, {k, 0, rows}, 1);
        backend->embed(vTable, tokens, {v, 0, rows}, 1);
        backend->writeKv(kv, {k, 0, rows}, {v, 0, rows});
        const int row0 = rows > 2 ? 1 : 0; // the first row is not asked for: rows know their positions
        backend->attention(spec, {q, row0, rows - row0}, kv, {out, row0, rows - row0});
        backend->finish();
        const auto got = backend->read({out, row0, rows - row0});

        std::vector<double> expected;
        for (int t = pos + row0; t < pos + rows; ++t)
            for (int h = 0; h < c.heads; ++h) {
                const int group = h / (c.heads / c.kvHeads), first = c.window > 0 ? std::max(0, t - c.window + 1) : 0;
                std::vector<double> weights;
                double max = c.sinks ? double(sinks[std::size_t(h)]) : -1e300;
                for (int p = first; p <= t; ++p) {
                    double dot = 0;
                    for (int d = 0; d < c.keyDim; ++d)
                        dot += double(qs[std::size_t(t * qCols + h * c.keyDim + d)]) *
                               double(ks[std::size_t(p * kCols + group * c.keyDim + d)]);
                    dot *= double(spec.scale);
                    if (c.softcap > 0) dot = c.softcap * std::tanh(dot / c.softcap);
                    weights.push_back(dot);
                    max = std::max(max, dot);
                }
                double sum = c.sinks ? std::exp(double(sinks[std::size_t(h)]) - max) : 0;
                for (double& w : weights) sum += w = std::exp(w - max);
                for (int d = 0; d < c.valueDim; ++d) {
                    double value = 0;
                    for (int p = first; p <= t; ++p)
                        value += weights[std::size_t(p - first)] / sum *
                                 double(vs[std::size_t(p * vCols + group * c.valueDim + d)]);
                    expected.push_back(value);
                }
            }
        // The 8-bit cache itself costs something.
        EXPECT_LT(nmse(got, expected), c.format == KvFormat::Q8_0 ? 3e-4 : where.rounding(1e-11)) << "at " << pos;
        pos += rows;
    }
}

INSTANTIATE_TEST_SUITE_P(All, Attention,
                         testing::Combine(testing::ValuesIn(backendCases()), testing::Values(1, 2, 5),
                                          testing::ValuesIn(kCases)),
                         [](const auto& c) {
                             return std::get<0>(c.param).name + std::to_string(std::get<1>(c.param)) +
                                    std::get<2>(c.param).name;
                         });

} // namespace
} // namespace nibble
