// Chooses the kernels of matrix products and fills in their parameters. Knows nothing of Vulkan, so that the choices
// for a device can be looked at, and compiled, where the device is not.
//
//   tokens   quantized weights                              F32, F16, BF16 weights
//   1..8     quantize_rows, then matvec or matvec_dot       matvec_float
//   9..      quantize_rows, then matmul or matmul_dot       matmul_float
// Up to three products of 1..8 tokens whose weights have the same format are one dispatch: kernels ending in _together.
// Kernels with _dot in their names use integer dot products of the device; software devices have matmul_registers for
// matmul, devices with matrix units halve_rows, then matmul_matrix. Quantized inputs, and their halves, serve all
// products of the same input. With two terms (InputTerms) each chunk of 32 columns of an input is two, which all
// kernels but matmul_matrix multiply by the same weights; it rounds their sum to f16. Layers of experts have the same
// kernels, ending in _experts, without those three: matvec for up to 64 slots, matmul for more, after sort_slots. Each
// slot is multiplied by the weights of the expert that route chose for it.
#pragma once

#include <compute/vulkan/gpu_layout.h>
#include <span>
#include <string_view>

namespace nibble {

/// A tile of matmul kernels: rows x tokens of a workgroup, of one invocation, and chunks (of 32 columns, or of 4 for
/// float weights) in shared memory at once.
struct TileShape {
    uint32_t rows = 64, tokens = 64, laneRows = 4, laneTokens = 4, depth = 2;
    uint32_t lanes() const { return rows / laneRows * (tokens / laneTokens); }
};

/// A tile of matmul_matrix: rows x tokens of a workgroup, shared by a grid of subgroups, and chunks of 32 columns in
/// shared memory at once. Its sides are multiples of the grid's times 16.
struct MatrixTile {
    uint32_t rows = 128, tokens = 128, gridRows = 2, gridTokens = 2, depth = 2;
    uint32_t groups = 0; // fewer do not keep the device busy
};
/// The tiles of matmul_matrix, the fastest first (H100: 98, 76 and 60 T multiply-adds/s where there are many). The
/// first with enough workgroups is used.
inline constexpr MatrixTile kMatrixTiles[] = {{128, 128, 2, 2, 2, 192}, {64, 64, 2, 2, 2, 128}, {32, 32, 2, 1, 2, 0}};
/// Bytes of shared memory of a workgroup, as matmul_matrix.comp declares it.
constexpr uint32_t sharedBytes(const MatrixTile& t) {
    return (t.rows + t.tokens) * (t.depth * 4 + 1) * 16 + t.gridRows * t.gridTokens * 16 * 16 * 4;
}

/// How a device likes its products.
struct ProductTuning {
    bool integerDot = false;
    uint32_t lanes = 32;                    // invocations of a matvec workgroup
    uint32_t rowsOfOne = 4, rowsOfMany = 2; // weight rows of a matvec workgroup for 1 and for 2 to 8 tokens
    uint32_t lanesOfFew = 0;                // its invocations where a matrix has few rows; 0: the same
    TileShape large, small;                 // small: few tokens or rows
    TileShape experts = {32, 32, 4, 2, 2};  // while each has few slots
    uint32_t matrixLanes = 0;               // subgroup size for matrix units; 0: not used
    const MatrixTile* matrixTile = nullptr; // only this one, to measure it
    int terms = 1;                          // of quantized inputs: InputTerms
    bool sharedTable = false;               // values of table formats are looked up in shared memory, not selected
    uint32_t mostShared = 2 * 8;            // rows of codes, or of floats, whose products may share a dispatch; 0: none
    bool registerTiles = false; // matmul_registers; tiles are then laneTokens wide, and their lanes one subgroup
};

/// Workgroups that cover `work` values, `each` at a time.
inline uint32_t groupsOf(int64_t work, uint32_t each) { return uint32_t((work + each - 1) / each); }

/// What the choice depends on.
struct ProductDevice {
    uint32_t vendor = 0; // PCI id
    uint32_t subgroupSize = 32;
    bool software = false;
    bool integerDot = false;  // may be used
    uint32_t matrixLanes = 0; // subgroup size for matrix units; 0: may not be used
    bool bufferArrays = true; // kernels may choose one of several buffers
};
ProductTuning productTuning(const ProductDevice& device);

/// One dispatch: a kernel of shaders/, its specialization constants (ids 0 and up), push constants and workgroups.
struct KernelCall {
    std::string_view kernel;
    std::array<uint32_t, 20> constants{};
    uint32_t constantCount = 0;
    std::array<uint32_t, 32> push{};
    uint32_t pushCount = 0;
    uint32_t groupsX = 1, groupsY = 1, groupsZ = 1;
};

/// Rows of f32 in a buffer, in floats.
struct FloatRows {
    uint32_t at = 0, stride = 0;
};

/// Where the quantized form of (rows, cols) in so many terms lies in scratch: codes, then factors.
struct QuantizedInputPlan {
    uint64_t codesBytes = 0, factorsAt = 0, factorsBytes = 0, bytes = 0;
};
QuantizedInputPlan planQuantizedInput(int64_t rows, int64_t cols, int terms = 1);

/// Where its halves lie, behind it.
struct HalvesPlan {
    uint64_t at = 0, bytes = 0;
};
HalvesPlan planHalves(int64_t rows, int64_t cols, int terms = 1);
/// Bindings: codes, factors, halves.
KernelCall planHalveRows(int64_t rows, int64_t cols, int terms = 1);

/// Bindings: input, codes, factors.
KernelCall planQuantizeRows(FloatRows input, int64_t rows, int64_t cols, int terms = 1);

/// out[token][row] = result + bias[row] + residual[token][row], for all rows of the matrix.
struct ProductOut {
    FloatRows out, residual;
    bool hasBias = false, hasResidual = false;
};
/// The routing of a layer of experts: room for `slots` slots (shaders/include/routing.glsl) of which `chosen` are in
/// use.
struct ExpertSlots {
    uint32_t experts = 0, used = 0;
    uint32_t slots = 0, chosen = 0;
    bool inputOfSlots = false; // the input has a row a slot, not a token
};
/// Room for the slots of so many tokens, and bytes of the buffer.
struct RoutingPlan {
    uint32_t slots = 0;
    uint64_t bytes = 0;
};
RoutingPlan planRouting(uint32_t experts, uint32_t used, int32_t maxTokens);
/// Cut into tiles by sort_slots where there are more.
constexpr uint32_t kMatvecSlots = 64;
/// The tile of products with more slots.
const TileShape& expertTile(const ProductTuning& tuning, const ExpertSlots& slots);
/// At most so many of them.
uint32_t expertTiles(uint32_t experts, uint32_t slots, uint32_t tileTokens);

/// Whether such a product reads halves.
bool takesHalves(const ProductTuning& tuning, const GpuLayout& weight, int64_t tokens, bool experts);

/// Rows of one slice times `tokens` rows of input. Bindings: the slice; codes and factors, or halves (quantized
/// weights), or the input (float weights; read at `input`); out; bias; residual. With `experts`, whose routing is bound
/// behind them, there is a row of results a slot, and no residual.
KernelCall planProduct(const ProductTuning& tuning, const GpuLayout& weight, const GpuSlice& slice, FloatRows input,
                       int64_t tokens, const ProductOut& out, const ExpertSlots* experts = nullptr);

/// Most tokens of the matvec kernels.
constexpr int64_t kMatvecTokens = 8;

/// A product that may share a dispatch with others.
struct ProductPart {
    const GpuLayout* weight = nullptr;
    ProductOut out; // without residual
};
/// Of one dispatch: TOGETHER of the kernels.
constexpr std::size_t kMostTogether = 3;
/// Whether two products of the same so many tokens may share a dispatch.
bool mayGoTogether(const ProductTuning& tuning, const ProductPart& a, const ProductPart& b, int64_t tokens);
/// Two or more such products. Bindings: kMostTogether weights; codes and factors, or the input; as many outs; as many
/// biases. What a product lacks is bound to anything.
KernelCall planTogether(const ProductTuning& tuning, std::span<const ProductPart> parts, FloatRows input,
                        int64_t tokens);
/// Its kernel and constants where all parts together have so many rows and the first is like `weight`.
KernelCall togetherKernel(const ProductTuning& tuning, const GpuLayout& weight, int64_t rows, FloatRows input,
                          int64_t tokens);

} // namespace nibble
