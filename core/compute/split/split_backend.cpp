// One model on two devices: the first layers on the processor, the rest on a graphics card. Each operation goes to the
// device of the part under way; where the part's device changes, the one buffer that is carried crosses. Activation
// buffers exist on both sides (they are small), weights and caches only where they are used.
//
// A long batch may stream: the card runs the processor's layers, too, with weights that it gets from the host matrix by
// matrix. Keys, values and states stay with the processor, which decodes with them: so queries, keys and values cross
// to it in each layer, and what attention made of them crosses back.
#include <algorithm>
#include <array>
#include <cassert>
#include <compute/backend.h>
#include <nibble/error.h>

namespace nibble {

namespace {

enum Side { Cpu, Gpu };

class SplitBackend final : public Backend {
public:
    SplitBackend(std::unique_ptr<Backend> cpu, std::unique_ptr<Backend> gpu, int32_t cpuLayers, int32_t streamRows)
        : m_sides{std::move(cpu), std::move(gpu)}, m_cpuLayers(cpuLayers), m_streamRows(streamRows) {}

    std::string name() const override { return m_sides[Gpu]->name() + " and " + m_sides[Cpu]->name(); }

    WeightId addWeight(const WeightRows& rows, WeightUse use) override {
        if (use == WeightUse::FileRows) // what is made of them is needed in every layer, and only one buffer crosses
            throw Error(ErrorKind::Unsupported, "A model with an embedding for every layer runs on one device only.",
                        rows.name, "Run the model on the processor.");
        Ids ids;
        if (use == WeightUse::EmbeddingAndMatmul) { // the embedding is here, the output there
            ids[Cpu] = m_sides[Cpu]->addWeight(rows, WeightUse::Embedding).index;
            ids[Gpu] = m_sides[Gpu]->addWeight(rows, WeightUse::Matmul).index;
        } else {
            ids[m_side] = m_sides[m_side]->addWeight(rows, use).index;
            if (m_side == Cpu && m_part > 0 && m_streamRows > 0) ids[Gpu] = addForStreaming(rows, use).index;
        }
        return {keep(m_weights, ids)};
    }
    BufferId addBuffer(const char* name, int64_t rows, int64_t cols) override {
        return {keep(m_buffers, onBoth([&](Backend& b) { return b.addBuffer(name, rows, cols).index; }))};
    }
    KvId addKv(const KvSpec& spec) override {
        Ids ids;
        ids[m_side] = m_sides[m_side]->addKv(spec).index;
        return {keep(m_kvs, ids)};
    }
    RopeId addRope(const RopeSpec& spec) override {
        return {keep(m_ropes, onBoth([&](Backend& b) { return b.addRope(spec).index; }))};
    }
    RouterId addRouter(const RouterSpec& spec) override {
        return {keep(m_routers, onBoth([&](Backend& b) { return b.addRouter(spec).index; }))};
    }
    StateId addState(const DeltaNetSpec& spec) override {
        Ids ids;
        ids[m_side] = m_sides[m_side]->addState(spec).index;
        return {keep(m_states, ids)};
    }
    void prepare(int32_t maxRows) override {
        for (auto& side : m_sides) side->prepare(maxRows);
    }
    MemoryUse memory() const override {
        MemoryUse sum = m_sides[Cpu]->memory();
        sum += m_sides[Gpu]->memory();
        return sum;
    }
    MemoryUse deviceMemory() const override { return m_sides[Gpu]->memory(); }

    void enterPart(int32_t part, View carried) override;

    void begin(int32_t pos0) override {
        m_pos0 = pos0;
        m_inBatch = true;
        m_running = m_entered = false;
    }
    void embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) override {
        side().embed(at(table), tokens, at(out), scale);
    }
    void rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) override {
        side().rmsNorm(at(in), at(weight), eps, groupCols, at(out));
    }
    void matmul(View in, std::span<const Product> products) override {
        side().matmul(at(in), Products(*this, products).span());
    }
    void route(RouterId router, View logits, WeightId scales) override {
        side().route(at(router), at(logits), at(scales));
    }
    void expertMatmul(RouterId router, View in, std::span<const Product> products) override {
        side().expertMatmul(at(router), at(in), Products(*this, products).span());
    }
    void mixExperts(RouterId router, View in, View residual, View out) override {
        side().mixExperts(at(router), at(in), at(residual), at(out));
    }
    void rope(RopeId id, View x, int32_t nHeads, int32_t headDim) override {
        side().rope({here(m_ropes, id.index)}, at(x), nHeads, headDim);
    }
    void writeKv(KvId kv, View k, View v) override {
        whereKept(m_kvs, kv.index, {k, v}, {}, [&] { side().writeKv(at(kv), at(k), at(v)); });
    }
    void attention(const AttentionSpec& spec, View q, KvId kv, View out) override {
        whereKept(m_kvs, kv.index, {q}, out, [&] {
            AttentionSpec own = spec;
            own.sinks = at(spec.sinks);
            side().attention(own, at(q), at(kv), at(out));
        });
    }
    void deltaNet(StateId state, const DeltaNetWeights& weights, View qkv, View alpha, View beta, View out) override {
        whereKept(m_states, state.index, {qkv, alpha, beta}, out, [&] {
            side().deltaNet({here(m_states, state.index)}, {at(weights.taps), at(weights.decay), at(weights.step)},
                            at(qkv), at(alpha), at(beta), at(out));
        });
    }
    void keepStates() override {
        for (auto& side : m_sides) side->keepStates();
    }
    void restoreStates() override {
        for (auto& side : m_sides) side->restoreStates();
    }
    void gatedActivation(Activation activation, View gate, View up, View out) override {
        side().gatedActivation(activation, at(gate), at(up), at(out));
    }
    void copyColumns(View in, int32_t col0, View out) override { side().copyColumns(at(in), col0, at(out)); }
    void dimRows(View gate, View x) override { side().dimRows(at(gate), at(x)); }
    void add(View a, View b, float scale, View out) override { side().add(at(a), at(b), scale, at(out)); }
    void scale(View x, float scale, float cap) override { side().scale(at(x), scale, cap); }
    void topValues(View row, int32_t cols, int32_t k, View out) override {
        side().topValues(at(row), cols, k, at(out));
    }
    void finish() override {
        m_inBatch = false;
        endBatch();
    }
    std::span<const float> read(View rows) override { return m_sides[m_side]->read(at(rows)); }
    void write(View rows, std::span<const float> values) override {
        for (Side s : {Cpu, Gpu}) m_sides[s]->write(on(s, rows), values);
    }
    void setStop(std::stop_token stop) override {
        for (auto& side : m_sides) side->setStop(stop);
    }

    Work work() const override {
        Work sum = m_sides[Cpu]->work();
        sum += m_sides[Gpu]->work();
        return sum;
    }
    Work deviceWork() const override { return m_sides[Gpu]->work(); }
    void resetWork() override {
        for (auto& side : m_sides) side->resetWork();
    }

private:
    /// The handle on each side; -1: not there.
    struct Ids {
        int32_t index[2] = {-1, -1};
        int32_t& operator[](Side side) { return index[side]; }
    };
    static int32_t keep(std::vector<Ids>& table, Ids ids) {
        table.push_back(ids);
        return int32_t(table.size()) - 1;
    }
    template<class F>
    Ids onBoth(F f) {
        Ids ids;
        for (Side s : {Cpu, Gpu}) ids[s] = f(*m_sides[s]);
        return ids;
    }
    static int32_t idOn(Side side, const std::vector<Ids>& table, int32_t index) {
        return index < 0 ? -1 : table[std::size_t(index)].index[side];
    }
    int32_t here(const std::vector<Ids>& table, int32_t index) const {
        const int32_t id = idOn(m_side, table, index);
        assert((index < 0 || id >= 0) && "used in a part that does not own it");
        return id;
    }
    View on(Side side, View v) const { return {{idOn(side, m_buffers, v.buffer.index)}, v.row0, v.rows}; }
    View at(View v) const { return on(m_side, v); }
    WeightId at(WeightId id) const { return {here(m_weights, id.index)}; }
    KvId at(KvId id) const { return {here(m_kvs, id.index)}; }
    RouterId at(RouterId id) const { return {here(m_routers, id.index)}; }
    /// Products as the side of the part under way knows them.
    class Products {
    public:
        Products(const SplitBackend& on, std::span<const Product> products) : m_count(products.size()) {
            assert(m_count <= m_here.size());
            std::ranges::transform(products, m_here.begin(), [&](const Product& p) {
                return Product{on.at(p.weight), on.at(p.out), on.at(p.bias), on.at(p.residual)};
            });
        }
        std::span<const Product> span() const { return std::span(m_here).first(m_count); }

    private:
        std::array<Product, kMaxProducts> m_here;
        std::size_t m_count;
    };
    /// The side under way, in a batch of its own.
    Backend& side() {
        assert(m_entered && "enterPart() comes first");
        if (!m_running) m_sides[m_side]->begin(m_pos0);
        m_running = true;
        return *m_sides[m_side];
    }
    void endBatch() {
        if (m_running) m_sides[m_side]->finish();
        m_running = false;
    }
    /// Goes on at the other side, with what it needs of this one.
    void cross(Side to, std::initializer_list<View> carried) {
        endBatch();
        for (View v : carried) m_sides[to]->write(on(to, v), m_sides[m_side]->read(at(v)));
        m_side = to;
    }
    /// An operation on what the table's entry keeps of earlier tokens, at the side that keeps it.
    template<class F>
    void whereKept(const std::vector<Ids>& table, int32_t index, std::initializer_list<View> in, View out,
                   F operation) {
        const Side runs = m_side, keeps = idOn(Gpu, table, index) >= 0 ? Gpu : Cpu;
        if (keeps == runs) return operation();
        cross(keeps, in);
        operation();
        if (out.buffer)
            cross(runs, {out});
        else
            cross(runs, {});
    }
    WeightId addForStreaming(const WeightRows& rows, WeightUse use) {
        const bool vector = use == WeightUse::Vector;
        const WeightId id = vector ? m_sides[Gpu]->addWeight(rows, use) : m_sides[Gpu]->addStreamedWeight(rows);
        if (!id) m_streamRows = 0; // such rows cannot be streamed, so the processor does the work
        return id;
    }

    std::array<std::unique_ptr<Backend>, 2> m_sides;
    int32_t m_cpuLayers, m_streamRows;
    std::vector<Ids> m_weights, m_buffers, m_kvs, m_ropes, m_routers, m_states;
    Side m_side = Cpu; // of the part under way
    int32_t m_part = 0;
    bool m_inBatch = false; // between begin() and finish()
    bool m_entered = false; // a part of this batch
    bool m_running = false; // the side's own batch has begun
    int32_t m_pos0 = 0;
};

void SplitBackend::enterPart(int32_t part, View carried) {
    m_part = part;
    const bool streams = part > 0 && m_streamRows > 0 && carried.rows >= m_streamRows;
    const Side next = part <= m_cpuLayers && !(m_inBatch && streams) ? Cpu : Gpu;
    if (m_inBatch && m_entered && next != m_side) cross(next, {carried});
    m_side = next;
    m_entered = m_inBatch;
}

} // namespace

std::unique_ptr<Backend> makeSplitBackend(std::unique_ptr<Backend> cpu, std::unique_ptr<Backend> gpu, int32_t cpuLayers,
                                          int32_t streamRows) {
    return std::make_unique<SplitBackend>(std::move(cpu), std::move(gpu), cpuLayers, streamRows);
}

} // namespace nibble
