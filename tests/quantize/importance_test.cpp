#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <quantize/importance.h>
#include <quantize/memory_model.h>

namespace nibble {
namespace {

using test::MemoryModel;

/// Replaces a tensor by the values that `of(row, col)` gives.
template<class Of>
void fill(WeightRows& w, const Of& of) {
    std::vector<float> values(std::size_t(w.cols * w.rows));
    for (int64_t r = 0; r < w.rows; ++r)
        for (int64_t c = 0; c < w.cols; ++c) values[std::size_t(r * w.cols + c)] = of(r, c);
    auto bytes = std::make_shared<std::vector<std::byte>>(w.rowBytes() * uint64_t(w.rows));
    format(w.format).encode(values.data(), bytes->data(), int64_t(values.size()), nullptr);
    w.planes = {bytes->data()};
    w.owner = bytes;
}

MemoryModel layer() {
    MemoryModel m;
    fill(m.add("blk.0.ffn_norm.weight", {32}, FormatId::F32), [](int64_t, int64_t c) { return c == 0 ? 0.f : 1.f; });
    fill(m.add("blk.0.ffn_gate.weight", {32, 64}, FormatId::F32),
         [](int64_t r, int64_t) { return r == 5 ? 2.f : 1.f; });
    fill(m.add("blk.0.ffn_up.weight", {32, 64}, FormatId::F32), [](int64_t r, int64_t c) {
        return r == 5 ? 3.f : r == 9 && c == 0 ? 1000.f : 1.f;
    });
    m.add("blk.0.ffn_down.weight", {64, 32}, FormatId::F32);
    return m;
}

TEST(InputImportance, GrowsWithTheSquaredNormsOfGateAndUp) {
    ThreadPool pool(2);
    const MemoryModel m = layer();
    const std::vector<float> importance = inputImportance(m, m.weights.back(), pool);
    ASSERT_EQ(importance.size(), 64u);
    EXPECT_NEAR(importance[5] / importance[0], 2 * 2 * 3 * 3, 1e-3);
    EXPECT_NEAR(importance[9] / importance[0], 1, 1e-3); // the norm silences that column
    EXPECT_TRUE(inputImportance(m, m.weights[1], pool).empty());
}

TEST(InputImportance, DoesWithoutAGateAndWithoutANorm) {
    ThreadPool pool(1);
    MemoryModel m = layer();
    m.weights.erase(m.weights.begin(), m.weights.begin() + 2);
    const std::vector<float> importance = inputImportance(m, m.weights.back(), pool);
    EXPECT_NEAR(importance[5] / importance[0], 9, 1e-3);
    EXPECT_GT(importance[9] / importance[0], 1000);
}

TEST(InputImportance, FindsGateAndUpInOneMatrix) {
    ThreadPool pool(2);
    MemoryModel apart = layer(), together = layer();
    std::erase_if(together.weights, [](const WeightRows& w) { return w.name == "blk.0.ffn_gate.weight"; });
    WeightRows& both = together.weights[1];
    both.rows = 128;
    fill(both, [&](int64_t r, int64_t c) {
        float row[32];
        apart.weights[r < 64 ? 1 : 2].decodeRow(r % 64, row);
        return row[c];
    });
    EXPECT_EQ(inputImportance(together, together.weights.back(), pool),
              inputImportance(apart, apart.weights.back(), pool));
}

TEST(InputImportance, IsLeftOutWhereShapesDoNotFit) {
    ThreadPool pool(1);
    MemoryModel m;
    m.add("blk.0.ffn_up.weight", {32, 100}, FormatId::F32);
    m.add("blk.0.ffn_down.weight", {64, 32}, FormatId::F32);
    EXPECT_TRUE(inputImportance(m, m.weights.back(), pool).empty());
}

TEST(InputImportance, IsEqualForAllWhereNumbersMakeNoSense) {
    ThreadPool pool(1);
    for (const float value : {0.f, NAN, INFINITY, 1e30f}) {
        MemoryModel m = layer();
        auto* up = reinterpret_cast<float*>(const_cast<std::byte*>(m.weights[2].planes[0]));
        for (int i = 0; i < 32 * 64; ++i) up[i] = value;
        for (const float w : inputImportance(m, m.weights.back(), pool)) {
            EXPECT_TRUE(std::isfinite(w));
            EXPECT_GE(w, 0);
        }
    }
}

TEST(InputImportance, HasOneRowPerExpert) {
    ThreadPool pool(2);
    MemoryModel m;
    m.add("blk.0.ffn_gate_exps.weight", {32, 64, 3});
    m.add("blk.0.ffn_up_exps.weight", {32, 64, 3});
    m.add("blk.0.ffn_down_exps.weight", {64, 32, 3});
    const std::vector<float> importance = inputImportance(m, m.weights.back(), pool);
    EXPECT_EQ(importance.size(), 3u * 64);
    EXPECT_EQ(importanceBytes(m.weights.back()), importance.size() * sizeof(float));
    for (const float w : importance) EXPECT_GT(w, 0);
}

} // namespace
} // namespace nibble
