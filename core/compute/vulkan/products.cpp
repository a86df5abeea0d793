#include <algorithm>
#include <bit>
#include <cassert>
#include <compute/vulkan/products.h>
#include <iterator>

namespace nibble {

namespace {

constexpr uint32_t kNvidia = 0x10de;      // PCI id
constexpr uint32_t kMostGroups = 32768;   // in one direction; devices allow 65535
constexpr uint64_t kRangeAlignment = 256; // the largest that Vulkan lets a device ask of buffer ranges

void addConstant(KernelCall& call, uint32_t value) {
    assert(call.constantCount < call.constants.size());
    call.constants[call.constantCount++] = value;
}
void addPush(KernelCall& call, uint64_t value) {
    assert(call.pushCount < call.push.size() && value <= UINT32_MAX);
    call.push[call.pushCount++] = uint32_t(value);
}

/// Many groups in a row, wrapped into two directions: kernels count y * groupsX + x.
void setLinearGroups(KernelCall& call, uint32_t groups) {
    call.groupsX = std::min(groups, kMostGroups);
    call.groupsY = groupsOf(groups, call.groupsX);
}

void addTarget(KernelCall& call, const GpuSlice& slice, const ProductOut& out) {
    addPush(call, uint64_t(out.out.at) + uint64_t(slice.row0));
    addPush(call, out.out.stride);
    addPush(call, uint64_t(out.residual.at) + uint64_t(slice.row0));
    addPush(call, out.residual.stride);
    addPush(call, uint64_t(slice.row0)); // of the bias
    addPush(call, uint32_t(out.hasBias) | uint32_t(out.hasResidual) << 1);
}

void setMatvec(KernelCall& call, const ProductTuning& tuning, const GpuSlice& slice, int64_t tokens) {
    const uint32_t rows = tokens == 1 ? tuning.rowsOfOne : tuning.rowsOfMany;
    addConstant(call, rows);
    addConstant(call, std::bit_ceil(uint32_t(tokens)));
    addConstant(call, tuning.lanes);
    setLinearGroups(call, groupsOf(slice.rows, rows));
}

void setMatmul(KernelCall& call, const ProductTuning& tuning, const GpuSlice& slice, int64_t tokens) {
    const TileShape& tile = tokens <= 32 ? tuning.small : tuning.large;
    for (uint32_t value : {tile.rows, tile.tokens, tile.lanes(), tile.laneRows, tile.laneTokens, tile.depth})
        addConstant(call, value);
    call.groupsX = groupsOf(slice.rows, tile.rows);
    call.groupsY = groupsOf(tokens, tile.tokens);
    assert(call.groupsX <= 65535 && call.groupsY <= 65535);
}

const MatrixTile& matrixTile(const ProductTuning& tuning, const GpuSlice& slice, int64_t tokens) {
    constexpr uint32_t kBusy = 128; // workgroups
    if (tuning.matrixTile) return *tuning.matrixTile;
    for (const MatrixTile& tile : kMatrixTiles)
        if (groupsOf(slice.rows, tile.rows) * groupsOf(tokens, tile.tokens) >= kBusy) return tile;
    return *std::prev(std::end(kMatrixTiles));
}

void setMatrix(KernelCall& call, const ProductTuning& tuning, const GpuSlice& slice, int64_t tokens) {
    const MatrixTile& tile = matrixTile(tuning, slice, tokens);
    const uint32_t lanes = tile.gridRows * tile.gridTokens * tuning.matrixLanes;
    for (uint32_t value : {tile.rows, tile.tokens, lanes, tile.gridRows, tile.gridTokens, tile.depth})
        addConstant(call, value);
    call.groupsX = groupsOf(slice.rows, tile.rows);
    call.groupsY = groupsOf(tokens, tile.tokens);
}

bool isVector(FloatRows rows, int64_t cols) { return rows.at % 4 == 0 && rows.stride % 4 == 0 && cols % 4 == 0; }

} // namespace

ProductTuning productTuning(const ProductDevice& device) {
    ProductTuning t;
    t.integerDot = device.integerDot;
    if (device.software) {
        // llvmpipe: every word that an invocation reads costs about as much as thirty multiplications, and integer dot
        // products are taken apart.
        t.lanes = device.subgroupSize;
        t.rowsOfOne = 8;
        t.rowsOfMany = 4;
        t.registerTiles = true;
        t.large = t.small = {8 * device.subgroupSize, 16, 8, 16, 2};
    } else {
        t.lanes = std::clamp(device.subgroupSize, 32u, 64u);
        t.rowsOfMany = device.integerDot ? 2 : 1; // unpacked codes take four times the registers
        t.sharedTable = true;
        t.small = {32, 32, 4, 2, 2};
        t.matrixLanes = device.matrixLanes;
        if (device.vendor == kNvidia) t.large.laneRows = 8; // H100: 34 instead of 29 T multiply-adds/s
    }
    return t;
}

QuantizedInputPlan planQuantizedInput(int64_t rows, int64_t cols) {
    assert(cols % 32 == 0);
    const auto rounded = [](uint64_t bytes) {
        return (bytes + kRangeAlignment - 1) / kRangeAlignment * kRangeAlignment;
    };
    QuantizedInputPlan p;
    p.codesBytes = uint64_t(rows) * uint64_t(cols);
    p.factorsAt = rounded(p.codesBytes);
    p.factorsBytes = uint64_t(rows) * uint64_t(cols / 32) * 8;
    p.bytes = rounded(p.factorsAt + p.factorsBytes);
    return p;
}

KernelCall planQuantizeRows(FloatRows input, int64_t rows, int64_t cols) {
    KernelCall call;
    call.kernel = "quantize_rows";
    addConstant(call, isVector(input, cols));
    for (uint64_t value : {uint64_t(input.at), uint64_t(input.stride), uint64_t(cols / 32), uint64_t(rows)})
        addPush(call, value);
    setLinearGroups(call, groupsOf(rows * (cols / 32), 64));
    return call;
}

KernelCall planProduct(const ProductTuning& tuning, const GpuLayout& weight, const GpuSlice& slice, FloatRows input,
                       int64_t tokens, const ProductOut& out) {
    const bool few = tokens <= kMatvecTokens, quantized = weight.quantized();
    KernelCall call;
    if (quantized) {
        call.kernel = few                    ? tuning.integerDot ? "matvec_dot" : "matvec"
                      : tuning.matrixLanes   ? "matmul_matrix"
                      : tuning.registerTiles ? "matmul_registers"
                      : tuning.integerDot    ? "matmul_dot"
                                             : "matmul";
        for (uint32_t value : affineConstants(weight)) addConstant(call, value);
        if (tuning.sharedTable && weight.format->table) call.constants[kAffineTraits] |= kSharedTableTrait;
        for (uint32_t plane : {slice.high, slice.scales, slice.mins, slice.d, slice.dmin}) addPush(call, plane);
    } else {
        call.kernel = few ? "matvec_float" : "matmul_float";
        const FormatId id = weight.format->id;
        addConstant(call, id == FormatId::F32 ? 0 : id == FormatId::F16 ? 1 : 2);
        addConstant(call, isVector(input, weight.cols));
    }
    addPush(call, uint64_t(quantized ? weight.cols / 32 : weight.cols));
    addPush(call, uint64_t(slice.rows));
    addPush(call, uint64_t(tokens));
    if (!quantized) {
        addPush(call, input.at);
        addPush(call, input.stride);
    }
    addTarget(call, slice, out);

    if (few)
        setMatvec(call, tuning, slice, tokens);
    else if (quantized && tuning.matrixLanes)
        setMatrix(call, tuning, slice, tokens);
    else
        setMatmul(call, tuning, slice, tokens);
    return call;
}

} // namespace nibble
