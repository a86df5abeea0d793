// A backend that notes how large the inputs of matrix products are, and otherwise does what another one does.
// Private to core/quantize.
#pragma once

#include <compute/backend.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nibble {

class ThreadPool;

/// `inner` has to compute each operation at once, as the CPU backend does: inputs are read when a product is asked for.
class ObservedBackend final : public Backend {
public:
    /// Of one weight: sums over the tokens multiplied with it.
    struct Inputs {
        std::string name;
        std::vector<double> sumOfSquares; // per column
        int64_t count = 0;
        /// (cols, cols): the sum of x x^T, where it was asked for, of which only columns i <= j of row j are filled in;
        /// products of the same input share it.
        std::shared_ptr<std::vector<float>> moments;
        /// Some of the inputs themselves, (rows, cols), where they were asked for; shared as the moments are.
        std::shared_ptr<std::vector<float>> sample;
    };

    ObservedBackend(std::unique_ptr<Backend> inner, ThreadPool& pool) : m_inner(std::move(inner)), m_pool(pool) {}
    /// Between batches: from here on the second moments of these weights' inputs are summed, too, which the pool does,
    /// and with `sample` one of kSampleStep inputs is kept. Those of others are forgotten.
    void sumMoments(std::set<std::string> names, bool sample = false);
    static constexpr int32_t kSampleStep = 64;
    /// Of all weights that were added; count 0 where nothing was multiplied with them (or in a way that is not seen:
    /// products with experts).
    const std::vector<Inputs>& inputs() const { return m_inputs; }

    std::string name() const override { return m_inner->name(); }
    WeightId addWeight(const WeightRows& rows, WeightUse use) override;
    BufferId addBuffer(const char* bufferName, int64_t rows, int64_t cols) override {
        m_bufferCols.push_back(cols);
        return m_inner->addBuffer(bufferName, rows, cols);
    }
    KvId addKv(const KvSpec& spec) override { return m_inner->addKv(spec); }
    RopeId addRope(const RopeSpec& spec) override { return m_inner->addRope(spec); }
    RouterId addRouter(const RouterSpec& spec) override { return m_inner->addRouter(spec); }
    StateId addState(const DeltaNetSpec& spec) override { return m_inner->addState(spec); }
    void prepare(int32_t maxRows) override { m_inner->prepare(maxRows); }
    MemoryUse memory() const override { return m_inner->memory(); }
    void enterPart(int32_t part, View carried) override { m_inner->enterPart(part, carried); }

    void begin(int32_t pos0) override { m_inner->begin(pos0); }
    void embed(WeightId table, std::span<const int32_t> tokens, View out, float factor) override {
        m_inner->embed(table, tokens, out, factor);
    }
    void rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) override {
        m_inner->rmsNorm(in, weight, eps, groupCols, out);
    }
    void matmul(View in, std::span<const Product> products) override;
    void route(RouterId router, View logits, WeightId scales) override { m_inner->route(router, logits, scales); }
    void expertMatmul(RouterId router, View in, std::span<const Product> products) override {
        m_inner->expertMatmul(router, in, products);
    }
    void mixExperts(RouterId router, View in, View residual, View out) override {
        m_inner->mixExperts(router, in, residual, out);
    }
    void rope(RopeId id, View x, int32_t nHeads, int32_t headDim) override { m_inner->rope(id, x, nHeads, headDim); }
    void writeKv(KvId kv, View k, View v) override { m_inner->writeKv(kv, k, v); }
    void attention(const AttentionSpec& spec, View q, KvId kv, View out) override {
        m_inner->attention(spec, q, kv, out);
    }
    void deltaNet(StateId state, const DeltaNetWeights& weights, View qkv, View alpha, View beta, View out) override {
        m_inner->deltaNet(state, weights, qkv, alpha, beta, out);
    }
    void keepStates() override { m_inner->keepStates(); }
    void restoreStates() override { m_inner->restoreStates(); }
    void gatedActivation(Activation activation, View gate, View up, View out) override {
        m_inner->gatedActivation(activation, gate, up, out);
    }
    void copyColumns(View in, int32_t col0, View out) override { m_inner->copyColumns(in, col0, out); }
    void dimRows(View gate, View x) override { m_inner->dimRows(gate, x); }
    void add(View a, View b, float factor, View out) override { m_inner->add(a, b, factor, out); }
    void scale(View x, float factor, float cap) override { m_inner->scale(x, factor, cap); }
    void topValues(View row, int32_t cols, int32_t k, View out) override { m_inner->topValues(row, cols, k, out); }
    void finish() override { m_inner->finish(); }
    std::span<const float> read(View row) override { return m_inner->read(row); }
    void write(View rows, std::span<const float> values) override { m_inner->write(rows, values); }
    void setStop(std::stop_token stop) override { m_inner->setStop(std::move(stop)); }

private:
    std::unique_ptr<Backend> m_inner;
    ThreadPool& m_pool;
    std::set<std::string> m_wanted;
    bool m_sampled = false;
    std::vector<Inputs> m_inputs; // by WeightId
    std::vector<int64_t> m_bufferCols;
    std::vector<double> m_squares;
    std::vector<float> m_columns; // inputs, column by column
};

} // namespace nibble
