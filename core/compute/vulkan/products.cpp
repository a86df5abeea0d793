#include <algorithm>
#include <bit>
#include <cassert>
#include <compute/vulkan/products.h>
#include <iterator>

namespace nibble {

namespace {

constexpr uint32_t kNvidia = 0x10de, kIntel = 0x8086; // PCI ids
constexpr uint32_t kMostGroups = 32768;               // in one direction; devices allow 65535
constexpr uint64_t kRangeAlignment = 256;             // the largest that Vulkan lets a device ask of buffer ranges
constexpr uint32_t kFloatDepth = 8;                   // of tiles of float weights on cards: each step waits for memory
constexpr uint32_t kFewestTileSlots = 32;             // of a tile of experts

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

bool isVector(FloatRows rows, int64_t cols) { return rows.at % 4 == 0 && rows.stride % 4 == 0 && cols % 4 == 0; }

void addTarget(KernelCall& call, int64_t row0, const ProductOut& out) {
    addPush(call, uint64_t(out.out.at) + uint64_t(row0));
    addPush(call, out.out.stride);
    addPush(call, uint64_t(out.residual.at) + uint64_t(row0));
    addPush(call, out.residual.stride);
    addPush(call, uint64_t(row0)); // of the bias
    addPush(call, uint32_t(out.hasBias) | uint32_t(out.hasResidual) << 1);
}

void addExperts(KernelCall& call, const GpuLayout& weight, const GpuSlice& slice, const ExpertSlots& experts) {
    addPush(call, uint64_t(slice.row0 / weight.planeRows));
    addPush(call, uint64_t(slice.rows / weight.planeRows));
    addPush(call, experts.inputOfSlots ? 1 : experts.used);
    addPush(call, experts.slots);
}

void addPlanes(KernelCall& call, const GpuSlice& slice) {
    for (uint32_t plane : {slice.high, slice.scales, slice.mins, slice.d, slice.dmin}) addPush(call, plane);
}

/// The constants that say how weights, and inputs of float weights, are read.
void addFormat(KernelCall& call, const ProductTuning& tuning, const GpuLayout& weight, FloatRows input) {
    if (weight.quantized()) {
        for (uint32_t value : affineConstants(weight)) addConstant(call, value);
        if (tuning.sharedTable && weight.format->table) call.constants[kAffineTraits] |= kSharedTableTrait;
    } else {
        const FormatId id = weight.format->id;
        addConstant(call, id == FormatId::F32 ? 0 : id == FormatId::F16 ? 1 : 2);
        addConstant(call, isVector(input, weight.cols));
    }
}

/// Of a workgroup.
struct MatvecShape {
    uint32_t rows = 0, lanes = 0;
};
MatvecShape matvecShape(const ProductTuning& tuning, int64_t matrixRows, int64_t tokens) {
    const auto fewerThan = [&](uint32_t groups, uint32_t each) { return groupsOf(matrixRows, each) < groups; };
    uint32_t rows = tokens == 1 ? tuning.rowsOfOne : tuning.rowsOfMany, lanes = tuning.lanes;
    if (tuning.lanesOfFew > 0 && fewerThan(2048, rows)) {
        rows = std::min(rows, fewerThan(512, 2) ? 1u : 2u);
        lanes = tuning.lanesOfFew;
    }
    return {rows, lanes};
}

void addShape(KernelCall& call, const MatvecShape& shape, int64_t tokens) {
    addConstant(call, shape.rows);
    addConstant(call, std::bit_ceil(uint32_t(tokens)));
    addConstant(call, shape.lanes);
}

void setMatmul(KernelCall& call, const TileShape& tile, int64_t matrixRows, uint32_t tokenTiles) {
    for (uint32_t value : {tile.rows, tile.tokens, tile.lanes(), tile.laneRows, tile.laneTokens, tile.depth})
        addConstant(call, value);
    call.groupsX = groupsOf(matrixRows, tile.rows);
    call.groupsY = tokenTiles;
    assert(call.groupsX <= 65535 && call.groupsY <= 65535);
}

// Bytes of ranges of scratch begin where any device lets them.
uint64_t aligned(uint64_t bytes) { return (bytes + kRangeAlignment - 1) / kRangeAlignment * kRangeAlignment; }

std::string_view quantizedKernel(const ProductTuning& tuning, bool few, bool halves, bool experts) {
    if (experts) {
        if (few) return tuning.integerDot ? "matvec_dot_experts" : "matvec_experts";
        return tuning.integerDot ? "matmul_dot_experts" : "matmul_experts";
    }
    if (few) return tuning.integerDot ? "matvec_dot" : "matvec";
    if (halves) return "matmul_matrix";
    if (tuning.registerTiles) return "matmul_registers";
    return tuning.integerDot ? "matmul_dot" : "matmul";
}
std::string_view floatKernel(bool few, bool experts) {
    if (experts) return few ? "matvec_float_experts" : "matmul_float_experts";
    return few ? "matvec_float" : "matmul_float";
}

const MatrixTile& matrixTile(const ProductTuning& tuning, const GpuSlice& slice, int64_t tokens) {
    if (tuning.matrixTile) return *tuning.matrixTile;
    return *std::ranges::find_if(kMatrixTiles, [&](const MatrixTile& tile) {
        return groupsOf(slice.rows, tile.rows) * groupsOf(tokens, tile.tokens) >= tile.groups;
    });
}

/// Small tiles where there are few tokens, or too few large tiles to keep the device busy.
const TileShape& denseTile(const ProductTuning& tuning, int64_t rows, int64_t tokens) {
    constexpr uint32_t kBusy = 64; // workgroups
    const uint32_t tiles = groupsOf(rows, tuning.large.rows) * groupsOf(tokens, tuning.large.tokens);
    return tokens <= 32 || tiles < kBusy ? tuning.small : tuning.large;
}

void setMatrix(KernelCall& call, const ProductTuning& tuning, const GpuSlice& slice, int64_t tokens) {
    const MatrixTile& tile = matrixTile(tuning, slice, tokens);
    const uint32_t lanes = tile.gridRows * tile.gridTokens * tuning.matrixLanes;
    for (uint32_t value : {tile.rows, tile.tokens, lanes, tile.gridRows, tile.gridTokens, tile.depth})
        addConstant(call, value);
    call.groupsX = groupsOf(slice.rows, tile.rows);
    call.groupsY = groupsOf(tokens, tile.tokens);
}

} // namespace

ProductTuning productTuning(const ProductDevice& device) {
    ProductTuning t;
    t.integerDot = device.integerDot;
    // Intel's compiler runs out of registers with more: it estimates up to 1.6 times the cycles.
    t.mostShared = !device.bufferArrays ? 0 : device.vendor == kIntel ? 1 : t.mostShared;
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
        t.lanesOfFew = 128; // H100, 4096 x 4096: 8.6 instead of 10.3 us; 1024 x 4096: 6.2 instead of 7.9
        if (device.vendor == kNvidia) t.large.laneRows = 8; // H100: 34 instead of 29 T multiply-adds/s
    }
    return t;
}

QuantizedInputPlan planQuantizedInput(int64_t rows, int64_t cols, int terms) {
    assert(cols % 32 == 0);
    QuantizedInputPlan p;
    p.codesBytes = uint64_t(rows) * uint64_t(cols) * uint64_t(terms);
    p.factorsAt = aligned(p.codesBytes);
    p.factorsBytes = p.codesBytes / 32 * 8;
    p.bytes = aligned(p.factorsAt + p.factorsBytes);
    return p;
}

HalvesPlan planHalves(int64_t rows, int64_t cols, int terms) {
    return {planQuantizedInput(rows, cols, terms).bytes, 2 * uint64_t(rows) * uint64_t(cols)};
}

KernelCall planHalveRows(int64_t rows, int64_t cols, int terms) {
    KernelCall call;
    call.kernel = "halve_rows";
    addConstant(call, uint32_t(terms));
    addPush(call, uint64_t(rows) * uint64_t(cols / 32));
    setLinearGroups(call, groupsOf(rows * (cols / 32), 64));
    return call;
}

bool takesHalves(const ProductTuning& tuning, const GpuLayout& weight, int64_t tokens, bool experts) {
    return weight.quantized() && tuning.matrixLanes > 0 && !experts && tokens > kMatvecTokens;
}

KernelCall planQuantizeRows(FloatRows input, int64_t rows, int64_t cols, int terms) {
    KernelCall call;
    call.kernel = "quantize_rows";
    addConstant(call, isVector(input, cols));
    addConstant(call, uint32_t(terms));
    for (uint64_t value : {uint64_t(input.at), uint64_t(input.stride), uint64_t(cols / 32), uint64_t(rows)})
        addPush(call, value);
    setLinearGroups(call, groupsOf(rows * (cols / 32), 64));
    return call;
}

RoutingPlan planRouting(uint32_t experts, uint32_t used, int32_t maxTokens) {
    RoutingPlan p;
    p.slots = (uint32_t(maxTokens) * used + 3) / 4 * 4;
    p.bytes = 4 * (4 + 3 * uint64_t(p.slots) + 4 * uint64_t(expertTiles(experts, p.slots, kFewestTileSlots)));
    return p;
}

const TileShape& expertTile(const ProductTuning& tuning, const ExpertSlots& slots) {
    const bool many = !tuning.registerTiles && slots.chosen >= slots.experts * tuning.large.tokens;
    const TileShape& tile = many ? tuning.large : tuning.experts;
    assert(tile.tokens >= kFewestTileSlots);
    return tile;
}

// Each expert may have a tile that is not full.
uint32_t expertTiles(uint32_t experts, uint32_t slots, uint32_t tileTokens) {
    return slots / tileTokens + std::min(experts, slots);
}

KernelCall planProduct(const ProductTuning& tuning, const GpuLayout& weight, const GpuSlice& slice, FloatRows input,
                       int64_t tokens, const ProductOut& out, const ExpertSlots* experts) {
    const bool few = experts ? experts->chosen <= kMatvecSlots : tokens <= kMatvecTokens;
    const bool quantized = weight.quantized(), halves = takesHalves(tuning, weight, tokens, experts);
    const int64_t rows = experts ? weight.planeRows : slice.rows; // of the matrix that a token is multiplied by
    KernelCall call;
    call.kernel = quantized ? quantizedKernel(tuning, few, halves, experts) : floatKernel(few, experts);
    addFormat(call, tuning, weight, input);
    if (quantized) addPlanes(call, slice);
    addPush(call, uint64_t(quantized ? weight.cols / 32 : weight.cols));
    addPush(call, uint64_t(rows));
    addPush(call, uint64_t(tokens));
    if (!quantized) {
        addPush(call, input.at);
        addPush(call, input.stride);
    }
    addTarget(call, experts ? 0 : slice.row0, out);
    if (experts) addExperts(call, weight, slice, *experts);

    if (few) {
        const MatvecShape shape = matvecShape(tuning, rows, experts ? 1 : tokens);
        addShape(call, shape, experts ? 1 : tokens);
        setLinearGroups(call, groupsOf(rows, shape.rows));
        if (experts) call.groupsZ = experts->chosen;
    } else if (experts) {
        const TileShape& tile = expertTile(tuning, *experts);
        setMatmul(call, tile, rows, expertTiles(experts->experts, experts->chosen, tile.tokens));
    } else if (halves) {
        setMatrix(call, tuning, slice, tokens);
    } else {
        TileShape tile = denseTile(tuning, rows, tokens);
        if (!quantized && !tuning.registerTiles) tile.depth = kFloatDepth;
        setMatmul(call, tile, rows, groupsOf(tokens, tile.tokens));
    }
    if (quantized && !halves) addConstant(call, uint32_t(tuning.terms));
    return call;
}

bool mayGoTogether(const ProductTuning& tuning, const ProductPart& a, const ProductPart& b, int64_t tokens) {
    const auto may = [](const ProductPart& p) {
        return p.weight->slices.size() == 1 && p.weight->planeRows == p.weight->rows && !p.out.hasResidual;
    };
    const int64_t inputs = a.weight->quantized() ? tokens * tuning.terms : tokens;
    return tokens <= kMatvecTokens && inputs <= int64_t(tuning.mostShared) && may(a) && may(b) &&
           a.weight->cols == b.weight->cols && a.weight->format == b.weight->format;
}

KernelCall togetherKernel(const ProductTuning& tuning, const GpuLayout& weight, int64_t rows, FloatRows input,
                          int64_t tokens) {
    KernelCall call;
    call.kernel = !weight.quantized() ? "matvec_float_together"
                  : tuning.integerDot ? "matvec_dot_together"
                                      : "matvec_together";
    addFormat(call, tuning, weight, input);
    addShape(call, matvecShape(tuning, rows, tokens), tokens);
    if (weight.quantized()) addConstant(call, uint32_t(tuning.terms));
    return call;
}

KernelCall planTogether(const ProductTuning& tuning, std::span<const ProductPart> parts, FloatRows input,
                        int64_t tokens) {
    assert(parts.size() > 1 && parts.size() <= kMostTogether);
    const GpuLayout& first = *parts[0].weight;
    int64_t rows = 0;
    for (const ProductPart& p : parts) rows += p.weight->rows;
    KernelCall call = togetherKernel(tuning, first, rows, input, tokens);
    const uint32_t groupRows = matvecShape(tuning, rows, tokens).rows;
    if (first.quantized())
        for (std::size_t i = 0; i < kMostTogether; ++i)
            addPlanes(call, i < parts.size() ? parts[i].weight->slices[0] : GpuSlice{});
    uint32_t groups = 0, biased = 0;
    for (std::size_t i = 0; i < kMostTogether; ++i) {
        const ProductPart part = i < parts.size() ? parts[i] : ProductPart();
        const int64_t partRows = part.weight ? part.weight->rows : 0;
        addPush(call, uint64_t(partRows));
        addPush(call, part.out.out.at);
        addPush(call, part.out.out.stride);
        groups += groupsOf(partRows, groupRows);
        biased |= uint32_t(part.out.hasBias) << i;
    }
    addPush(call, uint64_t(first.quantized() ? first.cols / 32 : first.cols));
    addPush(call, uint64_t(tokens));
    addPush(call, biased);
    if (!first.quantized()) {
        addPush(call, input.at);
        addPush(call, input.stride);
    }
    setLinearGroups(call, groups);
    return call;
}

} // namespace nibble
