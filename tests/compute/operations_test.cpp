// Every operation of every backend that runs here, against plain formulas in double precision.
#include "backends.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <formats/half.h>
#include <gtest/gtest.h>
#include <limits>
#include <nibble/error.h>
#include <thread>

namespace nibble {
namespace {

using Doubles = std::vector<double>;

class Operations : public testing::TestWithParam<BackendCase> {
protected:
    void SetUp() override {
        std::string whyNot;
        backend = GetParam().make(pool, whyNot);
        if (!backend) GTEST_SKIP() << whyNot;
    }
    static double rounding(double onCpu) { return GetParam().rounding(onCpu); }

    ThreadPool pool{3};
    std::unique_ptr<Backend> backend;
    Random random{11};

    BufferId buffer(int64_t rows, int64_t cols) { return backend->addBuffer("test", rows, cols); }
    /// Values of rows of a buffer; the only way in is embed(), from an f32 table.
    void fill(BufferId to, const std::vector<float>& values, int64_t cols) {
        const auto rows = int32_t(values.size() / std::size_t(cols));
        std::vector<int32_t> tokens;
        for (int32_t i = 0; i < rows; ++i) tokens.push_back(i);
        backend->embed(table(values, cols), tokens, {to, 0, rows}, 1);
    }
    WeightId table(const std::vector<float>& values, int64_t cols, WeightUse use = WeightUse::Embedding) {
        WeightRows w;
        w.name = "table";
        w.rows = int64_t(values.size()) / cols;
        w.cols = cols;
        w.planes = {reinterpret_cast<const std::byte*>(values.data())};
        return backend->addWeight(w, use);
    }
    std::vector<float> values(BufferId buffer, int32_t rows) {
        backend->finish();
        const auto span = backend->read({buffer, 0, rows});
        return {span.begin(), span.end()};
    }
};

TEST_P(Operations, RmsNormOfRowsAndHeads) {
    for (const auto& [cols, group] : {std::pair{576, 576}, {576, 64}, {33, 11}, {7, 7}, {8, 1}}) {
        const std::vector<float> x = randomFloats(random, std::size_t(5 * cols)),
                                 w = randomFloats(random, std::size_t(group));
        const BufferId in = buffer(5, cols), out = buffer(5, cols);
        const WeightId weight = table(w, group, WeightUse::Vector);
        for (bool weighted : {true, false}) {
            backend->prepare(5);
            backend->begin(0);
            fill(in, x, cols);
            backend->rmsNorm({in, 0, 5}, weighted ? weight : WeightId{}, 1e-5f, group, {out, 0, 5});
            Doubles expected;
            for (std::size_t g = 0; g < x.size(); g += std::size_t(group)) {
                double squares = 0;
                for (int i = 0; i < group; ++i) squares += double(x[g + i]) * double(x[g + i]);
                for (int i = 0; i < group; ++i)
                    expected.push_back(x[g + i] / std::sqrt(squares / group + 1e-5) *
                                       (weighted ? w[std::size_t(i)] : 1));
            }
            EXPECT_LT(nmse(values(out, 5), expected), rounding(1e-12)) << cols << " " << group;
        }
    }
}

TEST_P(Operations, RopeOfBothKindsTurnsOnlyItsDimensions) {
    for (RopeKind kind : {RopeKind::Norm, RopeKind::Neox})
        for (const auto& [headDim, pairs] : {std::pair{64, 32}, {64, 16}, {10, 5}, {14, 3}, {80, 20}}) {
            RopeSpec spec;
            spec.kind = kind;
            spec.magnitude = 1.25f;
            for (int i = 0; i < pairs; ++i) spec.frequencies.push_back(std::pow(10000.f, -float(i) / float(pairs)));
            const RopeId rope = backend->addRope(spec);
            const int cols = headDim * 3, rows = 6, pos0 = 1000, row0 = 2;
            const std::vector<float> x = randomFloats(random, std::size_t(rows * cols));
            const BufferId b = buffer(rows, cols);
            backend->prepare(rows);
            backend->begin(pos0);
            fill(b, x, cols);
            backend->rope(rope, {b, row0, rows - row0}, 3, headDim);
            Doubles expected(x.begin(), x.end());
            for (int r = row0; r < rows; ++r)
                for (int h = 0; h < 3; ++h)
                    for (int i = 0; i < pairs; ++i) {
                        double* head = expected.data() + r * cols + h * headDim;
                        double& a = head[kind == RopeKind::Norm ? 2 * i : i];
                        double& c = head[kind == RopeKind::Norm ? 2 * i + 1 : i + pairs];
                        const double angle = (pos0 + r) * double(spec.frequencies[std::size_t(i)]);
                        const double turned = 1.25 * (a * std::cos(angle) - c * std::sin(angle));
                        c = 1.25 * (a * std::sin(angle) + c * std::cos(angle));
                        a = turned;
                    }
            EXPECT_LT(nmse(values(b, rows), expected), rounding(1e-12)) << headDim << " " << pairs;
        }
}

/// Turning and storing may be one operation: it must do what they do one after the other.
TEST_P(Operations, RopeBeforeTheKvCacheIsWrittenChangesNothing) {
    for (RopeKind kind : {RopeKind::Norm, RopeKind::Neox})
        for (KvFormat format : {KvFormat::F16, KvFormat::F32, KvFormat::Q8_0})
            for (const auto& [keyDim, pairs, valueDim] : {std::tuple{64, 32, 64}, {80, 20, 80}, {12, 4, 10}}) {
                if (keyDim != 64 && format != KvFormat::F16) continue; // drivers compile each
                RopeSpec rope;
                rope.kind = kind;
                for (int i = 0; i < pairs; ++i) rope.frequencies.push_back(1 / float(i + 1));
                const RopeId id = backend->addRope(rope);
                const int rows = 3, heads = 4, kvHeads = 2, pos0 = 3;
                const AttentionSpec spec{.nHeads = heads,
                                         .nKvHeads = kvHeads,
                                         .keyDim = keyDim,
                                         .valueDim = valueDim,
                                         .scale = 0.3f,
                                         .window = 3};
                const auto x = randomFloats(random, std::size_t(rows * keyDim * heads));
                const BufferId q = buffer(rows, heads * keyDim), k = buffer(rows, kvHeads * keyDim),
                               v = buffer(rows, kvHeads * valueDim), out = buffer(rows, heads * valueDim);
                const KvId kvs[] = {backend->addKv({5, kvHeads, keyDim, valueDim, format}),
                                    backend->addKv({5, kvHeads, keyDim, valueDim, format})};
                backend->prepare(rows);
                std::vector<float> results[2];
                for (int apart = 0; apart < 2; ++apart) {
                    for (int part = 0; part < 2; ++part) { // the ring of five begins anew in the second
                        backend->begin(part * pos0);
                        fill(q, x, heads * keyDim);
                        fill(k, {x.begin() + part, x.begin() + part + rows * kvHeads * keyDim}, kvHeads * keyDim);
                        fill(v, {x.begin() + 9, x.begin() + 9 + rows * kvHeads * valueDim}, kvHeads * valueDim);
                        backend->rope(id, {q, 0, rows}, heads, keyDim);
                        backend->rope(id, {k, 0, rows}, kvHeads, keyDim);
                        if (apart == 1) backend->scale({v, 0, rows}, 1, 0);
                        backend->writeKv(kvs[apart], {k, 0, rows}, {v, 0, rows});
                        backend->attention(spec, {q, 0, rows}, kvs[apart], {out, 0, rows});
                        for (BufferId b : {q, k, out})
                            for (double y : values(b, rows)) results[apart].push_back(float(y));
                    }
                }
                EXPECT_EQ(results[0], results[1]) << keyDim << " " << pairs << " " << valueDim << " " << int(format);
            }
}

TEST_P(Operations, GatedActivationAddAndScale) {
    for (int cols : {1536, 13, 8, 1}) {
        std::vector<float> g = randomFloats(random, std::size_t(4 * cols), 4), u = randomFloats(random, g.size());
        if (cols == 1536) {
            g[0] = 1e4f; // beyond where e^x overflows, on both sides
            g[1] = -1e4f;
            g[2] = 0;
        }
        const BufferId gate = buffer(4, cols), up = buffer(4, cols), out = buffer(4, cols);
        backend->prepare(4);
        const auto begin = [&] {
            backend->begin(0);
            fill(gate, g, cols);
            fill(up, u, cols);
        };
        for (Activation activation :
             {Activation::Silu, Activation::GeluTanh, Activation::SwigluOai, Activation::Sigmoid}) {
            Doubles expected;
            for (std::size_t i = 0; i < g.size(); ++i) {
                const double x = g[i], y = 0.7978845608028654 * (x + 0.044715 * x * x * x), least = std::min(x, 7.0);
                expected.push_back(activation == Activation::Silu      ? u[i] * x / (1 + std::exp(-x))
                                   : activation == Activation::Sigmoid ? u[i] / (1 + std::exp(-x))
                                   : activation == Activation::GeluTanh
                                       ? u[i] * x / 2 * (1 + std::tanh(y))
                                       : least / (1 + std::exp(-1.702 * least)) *
                                             (1 + std::clamp(double(u[i]), -7.0, 7.0)));
            }
            begin();
            backend->gatedActivation(activation, {gate, 0, 4}, {up, 0, 4}, {out, 0, 4});
            EXPECT_LT(nmse(values(out, 4), expected), rounding(1e-12));
            begin();
            backend->gatedActivation(activation, {gate, 0, 4}, {up, 0, 4}, {gate, 0, 4});
            EXPECT_LT(nmse(values(gate, 4), expected), rounding(1e-12));
        }
        Doubles sum, capped, scaled;
        for (std::size_t i = 0; i < g.size(); ++i) {
            sum.push_back(double(g[i]) + 0.5 * double(u[i]));
            scaled.push_back(double(g[i]) * 3);
            capped.push_back(30 * std::tanh(double(g[i]) * 3 / 30));
        }
        begin();
        backend->add({gate, 0, 4}, {up, 0, 4}, 0.5f, {gate, 0, 4});
        EXPECT_LT(nmse(values(gate, 4), sum), rounding(1e-12));
        begin();
        backend->scale({gate, 0, 4}, 3, 0);
        EXPECT_LT(nmse(values(gate, 4), scaled), rounding(1e-12));
        begin();
        backend->scale({gate, 0, 4}, 3, 30);
        EXPECT_LT(nmse(values(gate, 4), capped), rounding(1e-12));
    }
}

TEST_P(Operations, CopyColumnsAndDimRows) {
    constexpr int32_t kRows = 3, kCols = 300, kFirst = 7, kCopied = 150;
    const std::vector<float> x = randomFloats(random, kRows * kCols);
    std::vector<float> gates = randomFloats(random, kRows, 4);
    gates[1] = -200; // beyond where e^x overflows
    const BufferId in = buffer(kRows, kCols), out = buffer(kRows, kCopied), gate = buffer(kRows, 1);
    backend->prepare(kRows);
    backend->begin(0);
    fill(in, x, kCols);
    fill(gate, gates, 1);
    backend->copyColumns({in, 0, kRows}, kFirst, {out, 0, kRows});
    backend->dimRows({gate, 0, kRows}, {in, 0, kRows});
    Doubles copied, dimmed;
    for (int i = 0; i < kRows; ++i) {
        for (int j = 0; j < kCopied; ++j) copied.push_back(x[std::size_t(i * kCols + kFirst + j)]);
        for (int j = 0; j < kCols; ++j)
            dimmed.push_back(x[std::size_t(i * kCols + j)] / (1 + std::exp(-double(gates[std::size_t(i)]))));
    }
    EXPECT_EQ(nmse(values(out, kRows), copied), 0);
    EXPECT_LT(nmse(values(in, kRows), dimmed), rounding(1e-12));
}

/// Of more tokens than a batch has, and scaled.
TEST_P(Operations, RowsOfATableThatStaysInItsFile) {
    constexpr int32_t kRows = 9, kCols = 96;
    auto stored = std::make_shared<std::vector<float>>(randomFloats(random, 40 * kCols));
    WeightRows w;
    w.name = "table";
    w.rows = 40;
    w.cols = kCols;
    w.planes = {reinterpret_cast<const std::byte*>(stored->data())};
    w.owner = stored;
    const WeightId weight = backend->addWeight(w, WeightUse::FileRows);
    EXPECT_EQ(backend->memory().fileRows, w.bytes());
    const BufferId out = buffer(2 * kRows, kCols);
    backend->prepare(kRows);
    const std::vector<int32_t> tokens = {3, 39, 0, 3, 17, 18, 19, 20, 21};
    for (const int32_t count : {kRows, 1}) {
        backend->begin(0);
        for (const int32_t first : {0, count})
            backend->embed(weight, std::span(tokens).first(std::size_t(count)), {out, first, count}, 1.5f);
        Doubles expected;
        for (int twice = 0; twice < 2; ++twice)
            for (int32_t t = 0; t < count; ++t)
                for (int32_t c = 0; c < kCols; ++c)
                    expected.push_back(1.5 * (*stored)[std::size_t(tokens[std::size_t(t)] * kCols + c)]);
        EXPECT_LT(nmse(values(out, 2 * count), expected), 1e-13);
    }
}

TEST_P(Operations, ProductsWithFloatWeightsAtAnyAlignment) {
    for (FormatId id : {FormatId::F32, FormatId::F16, FormatId::BF16})
        for (const auto& [rows, cols] : {std::pair{576, 64}, {17, 576}, {5, 33}, {1, 7}, {30, 800}, {9, 1600}})
            for (int tokens : {1, 2, 3, 7, 66}) {
                const Format& f = format(id);
                WeightRows w = randomWeights(random, f, rows, cols);
                // Moved to an odd address, as in a file that aligns nothing.
                auto moved = std::make_shared<std::vector<std::byte>>(w.bytes() + 1);
                std::memcpy(moved->data() + 1, w.planes[0], w.bytes());
                w.planes = {moved->data() + 1};
                w.owner = moved;
                const std::vector<float> x = randomFloats(random, std::size_t(tokens * cols));
                const BufferId in = buffer(tokens, cols), out = buffer(tokens, rows);
                const WeightId weight = backend->addWeight(w, WeightUse::Matmul);
                backend->prepare(tokens);
                backend->begin(0);
                fill(in, x, cols);
                const Product p{weight, {out, 0, tokens}, {}, {}};
                backend->matmul({in, 0, tokens}, {&p, 1});
                Doubles expected;
                std::vector<float> row(std::size_t(cols), 0.f);
                for (int t = 0; t < tokens; ++t)
                    for (int r = 0; r < rows; ++r) {
                        w.decodeRow(r, row.data());
                        double dot = 0;
                        for (int i = 0; i < cols; ++i)
                            dot += double(row[std::size_t(i)]) * double(x[std::size_t(t * cols + i)]);
                        expected.push_back(dot);
                    }
                EXPECT_LT(nmse(values(out, tokens), expected), rounding(1e-11))
                    << f.name << " " << rows << " " << cols << " " << tokens;
            }
}

TEST_P(Operations, SeveralProductsOfOneInputWithBiasAndResidual) {
    const int cols = 64, tokens = 5;
    const std::vector<float> x = randomFloats(random, tokens * cols), bias = randomFloats(random, 24);
    const WeightRows a = randomWeights(random, format(FormatId::F32), 24, cols),
                     b = randomWeights(random, format(FormatId::F16), 7, cols);
    const WeightRows c = randomWeights(random, format(FormatId::Q8_0), 20, cols);
    const BufferId in = buffer(tokens, cols), outA = buffer(tokens, 24), outB = buffer(tokens, 7),
                   outC = buffer(tokens, 20);
    const WeightId wa = backend->addWeight(a, WeightUse::Matmul), wb = backend->addWeight(b, WeightUse::Matmul);
    const WeightId wc = backend->addWeight(c, WeightUse::Matmul), biasId = table(bias, 24, WeightUse::Vector);
    const std::vector<float> residual = randomFloats(random, tokens * 7);
    backend->prepare(tokens);
    backend->begin(0);
    fill(in, x, cols);
    fill(outB, residual, 7);
    const Product products[] = {{wa, {outA, 0, tokens}, biasId, {}},
                                {wb, {outB, 0, tokens}, {}, {outB, 0, tokens}},
                                {wc, {outC, 0, tokens}, {}, {}}};
    backend->matmul({in, 0, tokens}, products);
    const auto expected = [&](const WeightRows& w, auto extra) {
        Doubles all;
        std::vector<float> row(cols);
        for (int t = 0; t < tokens; ++t)
            for (int r = 0; r < w.rows; ++r) {
                w.decodeRow(r, row.data());
                double dot = extra(t, r);
                for (int i = 0; i < cols; ++i)
                    dot += double(row[std::size_t(i)]) * double(x[std::size_t(t * cols + i)]);
                all.push_back(dot);
            }
        return all;
    };
    EXPECT_LT(nmse(values(outA, tokens), expected(a, [&](int, int r) { return double(bias[std::size_t(r)]); })),
              rounding(1e-12));
    EXPECT_LT(
        nmse(values(outB, tokens), expected(b, [&](int t, int r) { return double(residual[std::size_t(t * 7 + r)]); })),
        1e-12);
    // The quantized one sees 8-bit activations.
    EXPECT_LT(nmse(values(outC, tokens), expected(c, [](int, int) { return 0.0; })), 1e-4);
}

TEST_P(Operations, EmbeddingsOfEveryFormatAreTheDecodedRows) {
    for (const Format* f : formats())
        for (WeightUse use : {WeightUse::Embedding, WeightUse::EmbeddingAndMatmul}) {
            const WeightRows w = randomWeights(random, *f, 13, 256);
            const BufferId out = buffer(3, 256);
            const WeightId id = backend->addWeight(w, use);
            backend->prepare(3);
            backend->begin(0);
            const std::vector<int32_t> tokens = {12, 0, 7};
            backend->embed(id, tokens, {out, 0, 3}, 2);
            Doubles expected;
            std::vector<float> row(256);
            for (int32_t token : tokens) {
                w.decodeRow(token, row.data());
                for (float v : row) expected.push_back(2 * double(v));
            }
            EXPECT_LT(nmse(values(out, 3), expected), rounding(1e-13)) << f->name;
        }
}

TEST_P(Operations, TopValuesAreTheLargestInOrderAndOfEqualsTheFirst) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();
    const int cols = 70003; // several pieces, and pieces of pieces
    std::vector<std::vector<float>> rows{randomFloats(random, cols), std::vector<float>(cols, 1.5f),
                                         std::vector<float>(cols, kNan), randomFloats(random, cols),
                                         std::vector<float>(cols)};
    for (std::size_t i = 0; i < cols; ++i) {
        rows[3][i] = std::round(rows[3][i] * 8);       // many equal ones
        rows[4][i] = -float(i / 3) * (i % 2 ? 1 : -1); // falls; the largest lie side by side at the end
    }
    rows[0][5] = rows[0][40000] = kInfinity;
    rows[0][6] = rows[3][9] = kNan;
    rows[0][7] = -kInfinity;
    rows[2][cols - 1] = -kInfinity; // larger than what is no number
    rows[1][3] = -0.f;
    const BufferId out = buffer(topRows(cols), 2 * kMostTopValues);
    std::vector<BufferId> in;
    std::vector<WeightId> tables;
    for (const auto& row : rows) {
        in.push_back(buffer(1, cols));
        tables.push_back(table(row, cols));
    }
    backend->prepare(1);
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (const auto& [n, k] :
             {std::pair{cols, 1}, {cols, 40}, {cols, 64}, {2049, 64}, {2048, 2}, {100, 64}, {64, 64}, {7, 7}, {1, 1}}) {
            backend->begin(0);
            backend->embed(tables[r], std::vector<int32_t>{0}, {in[r], 0, 1}, 1);
            backend->topValues({in[r], 0, 1}, n, k, {out, 0, topRows(n)});
            const std::vector<float> got = values(out, 1), &row = rows[r];
            std::vector<std::size_t> order(std::size_t(n), 0);
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
            std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
                return std::isnan(row[b]) ? !std::isnan(row[a]) : row[a] > row[b];
            });
            for (std::size_t i = 0; i < std::size_t(k); ++i) {
                ASSERT_EQ(got[2 * i + 1], float(order[i])) << r << ": " << i << " of " << k << " of " << n;
                ASSERT_TRUE(std::isnan(row[order[i]]) ? std::isnan(got[2 * i]) : got[2 * i] == row[order[i]]);
            }
        }
}

TEST_P(Operations, StopEndsTheBatch) {
    const BufferId b = buffer(1, 8);
    backend->prepare(1);
    std::stop_source stop;
    backend->setStop(stop.get_token());
    backend->begin(0);
    stop.request_stop();
    backend->scale({b, 0, 1}, 2, 0);
    try {
        backend->finish();
        FAIL() << "finish() must throw";
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::Canceled);
    }
    backend->setStop({});
    backend->begin(0);
    backend->finish();
}

INSTANTIATE_TEST_SUITE_P(Backends, Operations, testing::ValuesIn(backendCases()),
                         [](const auto& c) { return c.param.name; });

} // namespace
} // namespace nibble
