#include <cmath>
#include <compute/self_test/operation_checks.h>

namespace nibble {

namespace {

/// Numbers between -1 and 1, the same on every computer.
class Numbers {
public:
    explicit Numbers(uint32_t seed) : m_state(seed * 2654435761u + 1) {}
    float next() {
        m_state = m_state * 1664525u + 1013904223u;
        return float(int32_t(m_state)) * 0x1p-31f;
    }
    std::vector<float> many(int64_t n) {
        std::vector<float> values(static_cast<std::size_t>(n));
        for (float& v : values) v = next();
        return values;
    }

private:
    uint32_t m_state;
};

WeightId addVector(Backend& backend, int64_t n, uint32_t seed) {
    return backend.addWeight(randomMatrix(FormatId::F32, 1, n, seed), WeightUse::Vector);
}

/// Buffers with what goes in and what came out.
class Bench {
public:
    explicit Bench(Backend& backend) : m_backend(backend) {}
    View buffer(int32_t rows, int64_t cols) { return {m_backend.addBuffer("self-test", rows, cols), 0, rows}; }
    void fill(View view, int64_t cols, uint32_t seed) { m_backend.write(view, Numbers(seed).many(view.rows * cols)); }
    void take(View view) {
        for (int32_t row = 0; row < view.rows; ++row) {
            const auto values = m_backend.read({view.buffer, view.row0 + row, 1});
            results.insert(results.end(), values.begin(), values.end());
        }
    }
    std::vector<float> results;

private:
    Backend& m_backend;
};

constexpr float kEps = 1e-5f;

std::vector<float> normsAndActivations(Backend& b) {
    constexpr int32_t kRows = 5, kCols = 576, kHead = 64;
    Bench bench(b);
    const View x = bench.buffer(kRows, kCols), y = bench.buffer(kRows, kCols), out = bench.buffer(kRows, kCols);
    const View gate = bench.buffer(kRows, 1), part = bench.buffer(kRows, kHead);
    const WeightId whole = addVector(b, kCols, 1), head = addVector(b, kHead, 2);
    b.prepare(kRows);
    bench.fill(x, kCols, 3);
    bench.fill(y, kCols, 4);
    bench.fill(gate, 1, 23);
    const auto run = [&](auto&& operation) {
        b.begin(0);
        operation();
        b.finish();
        bench.take(out);
    };
    run([&] { b.rmsNorm(x, whole, kEps, kCols, out); });
    run([&] { b.rmsNorm(x, head, kEps, kHead, out); });
    run([&] { b.rmsNorm(x, {}, kEps, kCols, out); });
    run([&] { b.gatedActivation(Activation::Silu, x, y, out); });
    run([&] { b.gatedActivation(Activation::GeluTanh, x, y, out); });
    run([&] { b.add(x, y, 0.5f, out); });
    run([&] { b.scale(out, 3.f, 0); });
    run([&] { b.scale(out, 1.f, 2.f); });
    run([&] { b.gatedActivation(Activation::Sigmoid, x, y, out); });
    run([&] { b.dimRows(gate, out); });
    run([&] { b.copyColumns(out, kHead, part); });
    bench.take(part);
    return std::move(bench.results);
}

std::vector<float> rotaryPosition(Backend& b) {
    constexpr int32_t kRows = 5, kHeads = 4, kHead = 64, kCols = kHeads * kHead;
    Bench bench(b);
    const View x = bench.buffer(kRows, kCols);
    RopeSpec spec;
    for (int i = 0; i < kHead / 2; ++i) spec.frequencies.push_back(std::pow(10000.f, -2.f * float(i) / kHead));
    std::array<RopeId, 2> ropes;
    for (RopeKind kind : {RopeKind::Norm, RopeKind::Neox}) {
        spec.kind = kind;
        ropes[std::size_t(kind)] = b.addRope(spec);
    }
    b.prepare(kRows);
    for (const RopeId rope : ropes) {
        bench.fill(x, kCols, 5);
        b.begin(1000);
        b.rope(rope, x, kHeads, kHead);
        b.finish();
        bench.take(x);
    }
    return std::move(bench.results);
}

/// A prompt, then single tokens: both shapes of the kernel, with few and with many keys.
std::vector<float> attention(Backend& b, KvFormat format, int32_t dim, int32_t heads, int32_t kvHeads) {
    constexpr int32_t kPrompt = 150, kCapacity = 256;
    Bench bench(b);
    const View q = bench.buffer(kPrompt, heads * dim), k = bench.buffer(kPrompt, kvHeads * dim),
               v = bench.buffer(kPrompt, kvHeads * dim), out = bench.buffer(kPrompt, heads * dim);
    const KvId kv = b.addKv({kCapacity, kvHeads, dim, dim, format});
    AttentionSpec plain;
    plain.nHeads = heads;
    plain.nKvHeads = kvHeads;
    plain.keyDim = plain.valueDim = dim;
    plain.scale = 1.f / std::sqrt(float(dim));
    AttentionSpec special = plain;
    special.window = 40;
    special.softcap = 5;
    special.sinks = addVector(b, heads, 6);
    b.prepare(kPrompt);
    bench.fill(q, heads * dim, 7);
    bench.fill(k, kvHeads * dim, 8);
    bench.fill(v, kvHeads * dim, 9);
    const auto run = [&](int32_t pos, int32_t rows, const AttentionSpec& spec) {
        const auto first = [&](View view) { return View{view.buffer, 0, rows}; };
        b.begin(pos);
        b.writeKv(kv, first(k), first(v));
        b.attention(spec, first(q), kv, first(out));
        b.finish();
        bench.take(first(out));
    };
    run(0, kPrompt, plain);
    run(0, kPrompt, special);
    run(kPrompt, 1, plain);
    run(kPrompt + 1, 1, special);
    run(3, 1, plain);
    return std::move(bench.results);
}

/// A vocabulary's largest values: in one piece, and in pieces of pieces. Equal ones, too, whose columns must be right.
std::vector<float> largestValues(Backend& b) {
    constexpr int32_t kCols = 70001;
    Bench bench(b);
    const View row = bench.buffer(1, kCols), out = bench.buffer(topRows(kCols), 2 * kMostTopValues);
    b.prepare(1);
    for (uint32_t seed = 30; seed < 36; ++seed) {
        std::vector<float> values = Numbers(seed).many(kCols);
        for (float& v : values) v = std::round(v * 4000);
        b.write(row, values);
        for (const auto& [cols, k] : {std::pair{kCols, 1}, {kCols, kMostTopValues}, {1500, 40}}) {
            b.begin(0);
            b.topValues(row, cols, k, out);
            b.finish();
            const auto best = b.read({out.buffer, 0, 1}).first(std::size_t(2 * k));
            bench.results.insert(bench.results.end(), best.begin(), best.end());
        }
    }
    return std::move(bench.results);
}

constexpr OperationCheck kChecks[] = {
    {"norms and activations", normsAndActivations},
    {"rotary position", rotaryPosition},
    {"attention", [](Backend& b) { return attention(b, KvFormat::F16, 64, 9, 3); }},
    {"attention, wide heads", [](Backend& b) { return attention(b, KvFormat::F16, 128, 8, 2); }},
    {"attention, 8-bit cache", [](Backend& b) { return attention(b, KvFormat::Q8_0, 64, 4, 4); }},
    {"largest values", largestValues},
};

} // namespace

std::span<const OperationCheck> operationChecks() { return kChecks; }

WeightRows randomMatrix(FormatId id, int64_t rows, int64_t cols, uint32_t seed) {
    const Format& f = format(id);
    Numbers numbers(seed);
    const auto bytes = std::make_shared<std::vector<std::byte>>(f.rowBytes(cols) * uint64_t(rows));
    for (int64_t r = 0; r < rows; ++r) {
        std::byte* row = bytes->data() + uint64_t(r) * f.rowBytes(cols);
        if (f.encode) {
            f.encode(numbers.many(cols).data(), row, cols, nullptr);
            continue;
        }
        // Read only: random bits whose scales are of a size that weights have.
        for (std::byte* block = row; block < row + f.rowBytes(cols); block += f.blockBytes) {
            CodeBlock codes;
            do {
                for (uint32_t i = 0; i < f.blockBytes; ++i) block[i] = std::byte((numbers.next() + 1) * 127.5f);
                f.unpack(block, codes);
            } while (!(std::fabs(codes.d) > 1e-3f && std::fabs(codes.d) < 1.f) || !(std::fabs(codes.dmin) < 1.f));
        }
    }
    WeightRows w;
    w.name = f.name;
    w.format = id;
    w.rows = rows;
    w.cols = cols;
    w.planes = {bytes->data()};
    w.owner = bytes;
    return w;
}

std::vector<float> runExpertsCheck(Backend& b, FormatId id) {
    constexpr int32_t kMost = 70, kCols = 256, kInner = 256, kExperts = 5, kUsed = 2;
    Bench bench(b);
    const View x = bench.buffer(kMost, kCols), logits = bench.buffer(kMost, kExperts), out = bench.buffer(kMost, kCols);
    const View gate = bench.buffer(kMost * kUsed, kInner), up = bench.buffer(kMost * kUsed, kInner),
               added = bench.buffer(kMost * kUsed, kCols);
    const auto weight = [&](int64_t rows, int64_t cols, uint32_t seed) {
        WeightRows all = randomMatrix(id, rows * kExperts, cols, seed);
        all.rows = rows;
        for (int e = 1; e < kExperts; ++e) all.planes.push_back(all.planes[0] + uint64_t(e * rows) * all.rowBytes());
        return b.addWeight(all, WeightUse::Matmul);
    };
    const WeightId gates = weight(kInner, kCols, 15), ups = weight(kInner, kCols, 16),
                   downs = weight(kCols, kInner, 17);
    const WeightId bias = b.addWeight(randomMatrix(FormatId::F32, kExperts, kInner, 18), WeightUse::Vector);
    const WeightId scales = addVector(b, kExperts, 22);
    const RouterId router = b.addRouter({kExperts, kUsed, true, 1});
    b.prepare(kMost);
    bench.fill(x, kCols, 19);
    bench.fill(logits, kExperts, 20);
    for (const int32_t tokens : {1, 3, kMost}) {
        const auto first = [&](View view, int32_t perToken) { return View{view.buffer, 0, tokens * perToken}; };
        const View ofGate = first(gate, kUsed), ofUp = first(up, kUsed), ofSlots = first(added, kUsed);
        bench.fill(first(out, 1), kCols, 21);
        b.begin(0);
        b.route(router, first(logits, 1), scales);
        const Product inner[] = {{gates, ofGate, bias, {}}, {ups, ofUp, {}, {}}};
        b.expertMatmul(router, first(x, 1), inner);
        b.gatedActivation(Activation::SwigluOai, ofGate, ofUp, ofGate);
        const Product outer{downs, ofSlots, {}, {}};
        b.expertMatmul(router, ofGate, {&outer, 1});
        b.mixExperts(router, ofSlots, first(out, 1), first(out, 1));
        b.finish();
        bench.take(first(out, 1));
    }
    return std::move(bench.results);
}

std::vector<float> runRecurrentCheck(Backend& b) {
    constexpr int32_t kPrompt = 21;
    constexpr DeltaNetSpec kSpec{.nKeyHeads = 2, .nValueHeads = 4, .keyDim = 128, .valueDim = 72, .taps = 4};
    Bench bench(b);
    const View qkv = bench.buffer(kPrompt, kSpec.channels()), alpha = bench.buffer(kPrompt, kSpec.nValueHeads),
               beta = bench.buffer(kPrompt, kSpec.nValueHeads),
               out = bench.buffer(kPrompt, int64_t(kSpec.nValueHeads) * kSpec.valueDim);
    std::vector<float> rates = Numbers(24).many(kSpec.nValueHeads);
    for (float& rate : rates) rate = -1 - rate; // between -2 and 0
    WeightRows decay;
    decay.rows = 1;
    decay.cols = kSpec.nValueHeads;
    decay.planes = {reinterpret_cast<const std::byte*>(rates.data())};
    const DeltaNetWeights weights{addVector(b, int64_t(kSpec.channels()) * kSpec.taps, 25),
                                  b.addWeight(decay, WeightUse::Vector), addVector(b, kSpec.nValueHeads, 26)};
    const StateId state = b.addState(kSpec);
    b.prepare(kPrompt);
    const auto run = [&](int32_t pos, int32_t rows) {
        const auto first = [&](View view) { return View{view.buffer, 0, rows}; };
        bench.fill(qkv, kSpec.channels(), 27);
        bench.fill(alpha, kSpec.nValueHeads, 28);
        bench.fill(beta, kSpec.nValueHeads, 29);
        b.begin(pos);
        b.deltaNet(state, weights, first(qkv), first(alpha), first(beta), first(out));
        b.finish();
        bench.take(first(out));
    };
    run(0, kPrompt);
    b.keepStates();
    run(kPrompt, 1);
    run(kPrompt + 1, 1);
    b.restoreStates();
    run(kPrompt, 7);
    run(0, 2);
    return std::move(bench.results);
}

std::vector<float> runFormatCheck(Backend& b, FormatId id) {
    constexpr int32_t kMost = 70, kCols = 512, kOut = 131, kNarrow = 37, kFew = 3;
    Bench bench(b);
    const View x = bench.buffer(kMost, kCols), out = bench.buffer(kMost, kOut), rows = bench.buffer(kFew, kCols);
    const View narrowOut = bench.buffer(kFew, kNarrow), wideOut = bench.buffer(kFew, kOut);
    const WeightId weight = b.addWeight(randomMatrix(id, kOut, kCols, 10), WeightUse::EmbeddingAndMatmul);
    const WeightId narrow = b.addWeight(randomMatrix(id, kNarrow, kCols, 30), WeightUse::Matmul);
    const WeightId bias = addVector(b, kOut, 11), norm = addVector(b, kCols, 14);
    b.prepare(kMost);
    bench.fill(x, kCols, 12);
    for (const int32_t tokens : {1, 2, 8, 17, kMost}) {
        const View in{x.buffer, 0, tokens}, result{out.buffer, 0, tokens};
        bench.fill(result, kOut, 13);
        const Product product{weight, result, bias, result};
        b.begin(0);
        b.matmul(in, {&product, 1});
        b.finish();
        bench.take(result);
    }
    // Several products of few tokens share a dispatch.
    for (const int32_t tokens : {1, kFew}) {
        const View outs[] = {{out.buffer, 0, tokens}, {narrowOut.buffer, 0, tokens}, {wideOut.buffer, 0, tokens}};
        const Product products[] = {{weight, outs[0], {}, {}}, {narrow, outs[1], {}, {}}, {weight, outs[2], bias, {}}};
        b.begin(0);
        b.matmul({x.buffer, 0, tokens}, products);
        b.finish();
        for (const View& view : outs) bench.take(view);
    }
    // Norms and gates have variants that prepare their results for such a product.
    const View few{x.buffer, 0, kFew}, result{out.buffer, 0, kFew};
    const Product product{weight, result, {}, {}};
    const auto multiply = [&](auto&& operation) {
        b.begin(0);
        operation();
        b.matmul(rows, {&product, 1});
        b.finish();
        bench.take(result);
    };
    multiply([&] { b.rmsNorm(few, norm, kEps, kCols, rows); });
    multiply([&] { b.gatedActivation(Activation::Silu, few, few, rows); });
    multiply([&] { b.gatedActivation(Activation::GeluTanh, few, few, rows); });
    const int32_t tokens[kFew] = {0, 77, kOut - 1};
    b.begin(0);
    b.embed(weight, tokens, rows, 1.5f);
    b.finish();
    bench.take(rows);
    return std::move(bench.results);
}

} // namespace nibble
