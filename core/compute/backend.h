// The operations of a forward pass, and the one interface that CPU, Vulkan and dry backends implement.
//
// A model's forward is written once against this interface. Calls between begin() and finish() may be recorded and run
// later: results are only valid after finish(). All activations are f32 in row-major buffers (rows, cols) that live as
// long as the backend; row i of a batch is the token at position pos0 + i of the one sequence in the KV cache.
// Nothing allocates between begin() and finish().
#pragma once

#include <atomic>
#include <cmath>
#include <cstdint>
#include <formats/weight_rows.h>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

/// Handles are indices into the backend's own tables; -1 is "none" and is allowed where a parameter says so.
struct WeightId {
    int32_t index = -1;
    explicit operator bool() const { return index >= 0; }
};
struct BufferId {
    int32_t index = -1;
    explicit operator bool() const { return index >= 0; }
};
struct KvId {
    int32_t index = -1;
    explicit operator bool() const { return index >= 0; }
};
struct RopeId {
    int32_t index = -1;
    explicit operator bool() const { return index >= 0; }
};

struct StateId {
    int32_t index = -1;
    explicit operator bool() const { return index >= 0; }
};
struct RouterId {
    int32_t index = -1;
    explicit operator bool() const { return index >= 0; }
};

/// What a weight is for: decides the layout it gets. Only matrices of experts have several planes.
enum class WeightUse : uint8_t {
    Matmul,             // matrix in matmul(), or a plane an expert in expertMatmul()
    Embedding,          // rows fetched by token in embed()
    EmbeddingAndMatmul, // tied: both
    FileRows,           // as Embedding; a table so large that its rows stay in the file, where they can
    Vector,             // norm weights, biases (of experts: a row each), sinks; kept as f32
};

/// What products with quantized weights make of their inputs: each 32 values become codes of 8 bit and a scale, as one
/// term, or as two, of which the second is what the first left over: about 16 bits, at about twice the arithmetic.
/// Rounding to 8 bits hides what else differs: where a value lies on an edge, another order of additions moves it.
enum class InputTerms : uint8_t { One = 1, Two = 2 };

enum class KvFormat : uint8_t { F16, Q8_0, F32 }; // F32: exact, for comparing with references
enum class RopeKind : uint8_t { Norm, Neox };     // pairs (2i, 2i+1) or (i, i + n/2)
/// Of gatedActivation(). Sigmoid is that of the gate alone, without the gate itself. SwigluOai is gpt-oss's: g
/// sigmoid(1.702 g), g = min(gate, 7), times 1 + up clamped to -7..7.
enum class Activation : uint8_t { Silu, GeluTanh, SwigluOai, Sigmoid };

/// KV cache of one layer: keys (capacity, nKvHeads * keyDim), values (capacity, nKvHeads * valueDim), stored as
/// `format`. Position p lives in slot p % capacity: a sliding-window layer keeps only its window (plus one batch).
struct KvSpec {
    int32_t capacity = 0, nKvHeads = 0, keyDim = 0, valueDim = 0;
    KvFormat format = KvFormat::F16;
};

/// Rotary embedding: dimension pair i of the first 2 * frequencies.size() dimensions of each head turns by
/// position * frequencies[i]; cos and sin are multiplied by magnitudeAt(position).
struct RopeSpec {
    RopeKind kind = RopeKind::Norm;
    std::vector<float> frequencies; // radians per position
    float magnitude = 1;            // YaRN's attention factor
    float cooling = 0;              // of queries whose scores grow with their position (Llama 4, Ministral 3)
    int32_t coolingLength = 1;      // positions in which they do not

    float magnitudeAt(int64_t position) const {
        return magnitude * (1 + cooling * float(std::log1p(double(position / coolingLength))));
    }
};

/// Rows [row0, row0 + rows) of a buffer.
struct View {
    BufferId buffer;
    int32_t row0 = 0, rows = 0;
};

/// One product of matmul(): out = weight * in (+ bias) (+ residual). `residual` may be `out` itself.
struct Product {
    WeightId weight;
    View out;
    WeightId bias; // none, or a Vector of weight.rows values
    View residual; // none, or a view of the shape of out
};

/// Of one call of matmul() or expertMatmul().
constexpr std::size_t kMaxProducts = 8;

/// softmax(scale * q k^T [soft-capped]) v with grouped heads. q is (rows, nHeads * keyDim), out (rows, nHeads *
/// valueDim). Key position p is visible to query position t iff p <= t and t - p < window (window 0: no limit).
struct AttentionSpec {
    int32_t nHeads = 0, nKvHeads = 0, keyDim = 0, valueDim = 0;
    float scale = 1;
    int32_t window = 0;
    float softcap = 0; // > 0: s = softcap * tanh(s / softcap)
    WeightId sinks;    // none, or one extra logit per head in the denominator
};

/// Of topValues(): at most so many; and columns of a row that a card looks through in one piece.
constexpr int32_t kMostTopValues = 64, kTopSegment = 2048;
/// Columns are told as floats, which are exact up to here.
constexpr int64_t kMostTopColumns = int64_t(1) << 24;
/// Rows of a buffer (2 * kMostTopValues columns) for the largest values of a row of `cols`: the first is the result,
/// the others those of its pieces.
int32_t topRows(int64_t cols);

/// How a layer of experts chooses among them: for each token the `used` ones of the largest logits (of equal ones the
/// first). Their weights are softmax(logits), over the chosen ones only where `normalised`, times `scale`.
struct RouterSpec {
    int32_t experts = 0, used = 0;
    bool normalised = true;
    float scale = 1;
};
/// How many experts `tokens` tokens choose together where every choice is equally likely: an expert is left out by all
/// of them with probability (1 - used / experts)^tokens.
double expectedExperts(const RouterSpec& spec, int64_t tokens);

/// A gated delta net (Yang et al. 2024): instead of keys and values a matrix of keyDim x valueDim for each value head,
/// whatever the length of the text. Value head h reads with query and key head h % nKeyHeads.
struct DeltaNetSpec {
    int32_t nKeyHeads = 0, nValueHeads = 0, keyDim = 0, valueDim = 0;
    int32_t taps = 0; // of the causal convolution that q, k and v pass first: this token and taps - 1 before it
    /// Of q, k and v side by side.
    int32_t channels() const { return 2 * nKeyHeads * keyDim + nValueHeads * valueDim; }
    /// Floats of a layer's state: the last inputs of the convolution (taps - 1, channels) ...
    int64_t historyFloats() const { return int64_t(taps - 1) * channels(); }
    /// ... and the matrices of the heads (nValueHeads, keyDim, valueDim).
    int64_t matrixFloats() const { return int64_t(nValueHeads) * keyDim * valueDim; }
    int64_t stateFloats() const { return historyFloats() + matrixFloats(); }
    explicit operator bool() const { return nValueHeads > 0; }
};

/// Vectors: the convolution's (channels, taps), oldest token first, and of each value head the rate of decay (below 0)
/// and what is added to alpha.
struct DeltaNetWeights {
    WeightId taps, decay, step;
};

/// Bytes a backend holds, by purpose. The memory estimate is this struct filled by the dry backend; a test holds that
/// it equals what the real backend allocates.
struct MemoryUse {
    uint64_t weights = 0;       // allocated for weights (packed, decoded, owned copies)
    uint64_t mappedWeights = 0; // used in place from a mapped file
    uint64_t kv = 0;
    uint64_t activations = 0; // buffers
    uint64_t scratch = 0;     // everything else: quantized activations, partial results, tables
    uint64_t fileRows = 0;    // read from the mapped file row by row: no memory that must be there, not in total()
    uint64_t total() const { return weights + mappedWeights + kv + activations + scratch; }
    MemoryUse& operator+=(const MemoryUse& o) {
        weights += o.weights;
        mappedWeights += o.mappedWeights;
        kv += o.kv;
        activations += o.activations;
        scratch += o.scratch;
        fileRows += o.fileRows;
        return *this;
    }
};

/// Work of the operations since the last resetWork(), counted by every backend that can (the dry one always).
struct Work {
    double macs = 0;         // multiply-adds
    double weightBytes = 0;  // bytes of weights read
    double kvBytes = 0;      // bytes of KV cache read and written
    int64_t dispatches = 0;  // operations issued; of a GPU backend: kernels run
    int64_t barriers = 0;    // waits between kernels, of a GPU backend
    int64_t submissions = 0; // pieces that a GPU backend handed to its queue
    Work& operator+=(const Work& o) {
        macs += o.macs;
        weightBytes += o.weightBytes;
        kvBytes += o.kvBytes;
        dispatches += o.dispatches;
        barriers += o.barriers;
        submissions += o.submissions;
        return *this;
    }
};

class Backend {
public:
    virtual ~Backend() = default;
    virtual std::string name() const = 0; // "CPU (AVX2, 2 threads)"

    // --- Set up. Every add* throws Error{NoMemory} with the bytes needed where memory is short.
    /// Takes a weight over in this backend's own layout; `rows` may be released afterwards unless
    /// memory().mappedWeights or fileRows grew (the backend then keeps rows.owner). Throws Error{Unsupported} for a use
    /// that the backend does not have.
    virtual WeightId addWeight(const WeightRows& rows, WeightUse use) = 0;
    /// A matrix for matmul() and expertMatmul() of which the device holds no copy of its own: it is taken from `rows`,
    /// whose owner the backend keeps, whenever a batch needs it. None where the backend cannot do that with such rows.
    virtual WeightId addStreamedWeight(const WeightRows& rows) { return (void)rows, WeightId{}; }
    /// An f32 activation buffer. `name` is for traces.
    virtual BufferId addBuffer(const char* name, int64_t rows, int64_t cols) = 0;
    virtual KvId addKv(const KvSpec& spec) = 0;
    virtual RopeId addRope(const RopeSpec& spec) = 0;
    /// Throws Error{Unsupported} where the backend cannot choose among so many experts.
    virtual RouterId addRouter(const RouterSpec& spec) = 0;
    /// The state of a layer, and room to set it aside. Throws Error{Unsupported} where heads are too wide for the
    /// backend.
    virtual StateId addState(const DeltaNetSpec& spec) = 0;
    /// Call once after all add* and before the first begin(): allocates scratch for batches of up to maxRows tokens.
    virtual void prepare(int32_t maxRows) = 0;
    virtual MemoryUse memory() const = 0;
    /// What of memory() lies on a graphics card.
    virtual MemoryUse deviceMemory() const { return {}; }
    /// A model says where it is: what it adds or runs from here on belongs to `part` (0: the embedding, i + 1: layer i,
    /// one past the last layer: the output). `carried` holds all that earlier parts have computed for this one: a
    /// backend of several devices takes it along. Others need not care.
    virtual void enterPart(int32_t part, View carried = {}) { (void)part, (void)carried; }

    // --- Run. `pos0` is the position of the batch's first token.
    virtual void begin(int32_t pos0) = 0;
    /// out row i = scale * embedding row tokens[i].
    virtual void embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) = 0;
    /// out = in / sqrt(mean(in^2) + eps) * weight, per group of `groupCols` columns (the whole row, or a head's width
    /// for per-head query/key norms; weight then has groupCols values). In place allowed. weight may be none (no
    /// scaling).
    virtual void rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) = 0;
    /// Several products of the same input, so that it is quantized once and threads share all of them. (rows, K) x (N,
    /// K)^T.
    virtual void matmul(View in, std::span<const Product> products) = 0;
    // Layers of experts. "Slot" t * used + i is expert number i of token t of the rows that route() saw last.
    /// Chooses experts by their logits (rows, experts). `scales`: none, or a Vector (experts) by which the weights of
    /// the chosen are multiplied.
    virtual void route(RouterId router, View logits, WeightId scales) = 0;
    /// As matmul(), each slot with its expert's plane of the weight and row of the bias (experts, weight.rows). out has
    /// a row a slot; in, too, or a row a token, which all experts of the token get.
    virtual void expertMatmul(RouterId router, View in, std::span<const Product> products) = 0;
    /// out row t = [residual row t +] sum over the slots of t of their weight * in row. `residual`: none, or a view of
    /// the shape of out, which may be `out` itself.
    virtual void mixExperts(RouterId router, View in, View residual, View out) = 0;
    /// Rotates the heads of q and k in place (x is (rows, nHeads * headDim)).
    virtual void rope(RopeId rope, View x, int32_t nHeads, int32_t headDim) = 0;
    /// Stores the batch's keys and values at their positions.
    virtual void writeKv(KvId kv, View k, View v) = 0;
    virtual void attention(const AttentionSpec& spec, View q, KvId kv, View out) = 0;
    /// For each token: qkv = silu(convolution), q and k of length 1, decay exp(weights.decay * softplus(alpha + step)),
    /// and of each value head S = decay * S; S += k (sigmoid(beta) * (v - S^T k))^T; out = S^T q / sqrt(keyDim). qkv is
    /// (rows, channels); alpha and beta (rows, nValueHeads); all three are overwritten; out (rows, nValueHeads *
    /// valueDim). A batch at position 0 starts from nothing, any other where the one before it ended: unlike a KV cache
    /// a state cannot be cut back.
    virtual void deltaNet(StateId state, const DeltaNetWeights& weights, View qkv, View alpha, View beta, View out) = 0;
    /// Between batches: sets all states aside, or goes back to those that were. Throw as finish() does; the states that
    /// were to be written are undefined then.
    virtual void keepStates() = 0;
    virtual void restoreStates() = 0;
    /// out = activation(gate) * up, elementwise. out may be gate.
    virtual void gatedActivation(Activation activation, View gate, View up, View out) = 0;
    /// out = columns [col0, col0 + out's) of in.
    virtual void copyColumns(View in, int32_t col0, View out) = 0;
    /// x row *= sigmoid(gate row), of which there is one column.
    virtual void dimRows(View gate, View x) = 0;
    /// out = a + scale * b. out may be a.
    virtual void add(View a, View b, float scale, View out) = 0;
    /// x = cap > 0 ? cap * tanh(x * scale / cap) : x * scale, in place.
    virtual void scale(View x, float scale, float cap) = 0;
    /// The k (1 .. kMostTopValues, at most cols) largest of the first `cols` (at most kMostTopColumns) values of a row,
    /// falling, of equal ones the first; what is no number counts as the smallest. Row 0 of `out`, all topRows() of
    /// it, gets value, column, value, column, ...
    virtual void topValues(View row, int32_t cols, int32_t k, View out) = 0;
    /// Ends the batch and waits for its results. Throws Error{Canceled} where stop was asked for in between (the
    /// batch's KV entries are then undefined), Error{Device} where the device failed.
    virtual void finish() = 0;
    /// The values of a buffer's row after finish(). Valid until the next begin().
    virtual std::span<const float> read(View row) = 0;
    /// Sets rows of a buffer, after finish() and before the next begin().
    virtual void write(View rows, std::span<const float> values) = 0;
    /// Polled between operations of long batches; set per verb.
    virtual void setStop(std::stop_token stop) = 0;

    virtual Work work() const { return {}; }
    /// What of work() a graphics card does.
    virtual Work deviceWork() const { return {}; }
    virtual void resetWork() {}
};

/// Instruction sets of the CPU backend. The first of kCpuLevels that runs here is chosen; NIBBLE_CPU=<its name>
/// overrides.
enum class CpuLevel : uint8_t { Scalar, Avx2, AvxVnni, Avx512Vnni, Neon };
inline constexpr CpuLevel kCpuLevels[] = {CpuLevel::Avx512Vnni, CpuLevel::AvxVnni, CpuLevel::Avx2, CpuLevel::Neon,
                                          CpuLevel::Scalar};
/// Whether kernels of that level are in this build.
bool cpuBuiltFor(CpuLevel level);
/// Whether this machine (and build) can run that level.
bool cpuSupports(CpuLevel level);
CpuLevel bestCpuLevel();
const char* cpuLevelName(CpuLevel level);
/// Of that name, or the best one where it is empty. Throws Error{BadRequest} for an unknown name, Error{Unsupported}
/// for one that this machine or build cannot run.
CpuLevel cpuLevelOf(std::string_view name);

class ThreadPool;
/// The CPU backend. The pool must outlive it.
std::unique_ptr<Backend> makeCpuBackend(ThreadPool& pool, CpuLevel level = bestCpuLevel(),
                                        InputTerms terms = InputTerms::One);
/// `cpu` runs the embedding and the first `cpuLayers` layers of a model, `gpu` the other layers and the output; between
/// them one buffer crosses. memory() is the sum of both, deviceMemory() all of `gpu`'s. Where `streamRows` > 0, batches
/// of at least so many tokens run the first layers on `gpu`, too, which takes their weights from the host for each of
/// them; their KV caches and attention stay with `cpu`.
std::unique_ptr<Backend> makeSplitBackend(std::unique_ptr<Backend> cpu, std::unique_ptr<Backend> gpu, int32_t cpuLayers,
                                          int32_t streamRows = 0);
/// Computes nothing; memory() and work() say what the CPU backend of that level and thread count would allocate and do.
/// read() returns zeros.
std::unique_ptr<Backend> makeDryBackend(CpuLevel level = bestCpuLevel(), int threads = 0,
                                        InputTerms terms = InputTerms::One);

} // namespace nibble
