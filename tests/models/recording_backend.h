// A backend that computes nothing and writes down what it is asked.
#pragma once

#include <compute/backend.h>
#include <map>
#include <string>
#include <vector>

namespace nibble::test {

class RecordingBackend final : public Backend {
public:
    std::vector<std::string> weights, buffers,
        calls; // "token_embd.weight", "x 8x64", "matmul x[0+8]: blk.0.attn_q.weight"
    std::map<std::string, WeightUse> uses;
    std::vector<KvSpec> kvs;
    int32_t prepared = 0;

    std::string name() const override { return "recording"; }
    WeightId addWeight(const WeightRows& rows, WeightUse use) override {
        weights.push_back(rows.name);
        uses[rows.name] = use;
        return {int32_t(weights.size()) - 1};
    }
    BufferId addBuffer(const char* bufferName, int64_t rows, int64_t cols) override {
        buffers.push_back(std::string(bufferName) + " " + std::to_string(rows) + "x" + std::to_string(cols));
        m_bufferNames.push_back(bufferName);
        return {int32_t(buffers.size()) - 1};
    }
    KvId addKv(const KvSpec& spec) override {
        kvs.push_back(spec);
        return {int32_t(kvs.size()) - 1};
    }
    RopeId addRope(const RopeSpec&) override { return {0}; }
    RouterId addRouter(const RouterSpec&) override { return {0}; }
    StateId addState(const DeltaNetSpec&) override { return {0}; }
    void prepare(int32_t maxRows) override { prepared = maxRows; }
    MemoryUse memory() const override { return {}; }

    void begin(int32_t pos0) override { calls.push_back("begin " + std::to_string(pos0)); }
    void embed(WeightId table, std::span<const int32_t>, View out, float) override {
        calls.push_back("embed " + text(table) + " -> " + text(out));
    }
    void rmsNorm(View in, WeightId weight, float, int32_t groupCols, View out) override {
        calls.push_back("norm/" + std::to_string(groupCols) + " " + text(in) + " * " + text(weight) + " -> " +
                        text(out));
    }
    void matmul(View in, std::span<const Product> products) override { addProducts("matmul ", in, products); }
    void deltaNet(StateId, const DeltaNetWeights&, View, View, View, View out) override {
        calls.push_back("delta net -> " + text(out));
    }
    void keepStates() override {}
    void restoreStates() override {}
    void route(RouterId, View logits, WeightId scales) override {
        calls.push_back("route " + text(logits) + (scales ? " * " + text(scales) : ""));
    }
    void expertMatmul(RouterId, View in, std::span<const Product> products) override {
        addProducts("experts ", in, products);
    }
    void mixExperts(RouterId, View in, View residual, View out) override {
        calls.push_back("mix " + text(in) + (residual.buffer ? " + " + text(residual) : "") + " -> " + text(out));
    }
    void rope(RopeId, View x, int32_t nHeads, int32_t) override {
        calls.push_back("rope " + text(x) + " heads " + std::to_string(nHeads));
    }
    void writeKv(KvId kv, View k, View v) override {
        calls.push_back("write kv" + std::to_string(kv.index) + " " + text(k) + " " + text(v));
    }
    void attention(const AttentionSpec&, View q, KvId kv, View out) override {
        calls.push_back("attention " + text(q) + " kv" + std::to_string(kv.index) + " -> " + text(out));
    }
    void gatedActivation(Activation, View gate, View up, View out) override {
        calls.push_back("activation " + text(gate) + " " + text(up) + " -> " + text(out));
    }
    void copyColumns(View in, int32_t col0, View out) override {
        calls.push_back("columns " + text(in) + " from " + std::to_string(col0) + " -> " + text(out));
    }
    void topValues(View row, int32_t cols, int32_t k, View out) override {
        calls.push_back("top " + std::to_string(k) + " of " + std::to_string(cols) + " " + text(row) + " -> " +
                        text(out));
    }
    void dimRows(View gate, View x) override { calls.push_back("dim " + text(x) + " by " + text(gate)); }
    void add(View a, View b, float, View out) override {
        calls.push_back("add " + text(a) + " " + text(b) + " -> " + text(out));
    }
    void scale(View x, float, float) override { calls.push_back("scale " + text(x)); }
    void finish() override { calls.push_back("finish"); }
    std::span<const float> read(View) override { return {}; }
    void write(View, std::span<const float>) override {}
    void setStop(std::stop_token) override {}

private:
    void addProducts(std::string call, View in, std::span<const Product> products) {
        call += text(in) + ":";
        for (const Product& p : products) {
            call.append(" ").append(text(p.weight)).append(" -> ").append(text(p.out));
            if (p.bias) call.append(" + ").append(text(p.bias));
            if (p.residual.buffer) call.append(" + ").append(text(p.residual));
        }
        calls.push_back(call);
    }
    std::string text(WeightId id) const { return id ? weights[std::size_t(id.index)] : "none"; }
    std::string text(View v) const {
        return m_bufferNames[std::size_t(v.buffer.index)] + "[" + std::to_string(v.row0) + "+" +
               std::to_string(v.rows) + "]";
    }
    std::vector<std::string> m_bufferNames;
};

} // namespace nibble::test
