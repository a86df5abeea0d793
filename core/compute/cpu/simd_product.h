// Products with packed weights, written once over the vector operations of simd_x86.h or simd_neon.h.
//
// One token: each panel is read once from memory and multiplied as it is unpacked (rowProduct). More tokens: two panels
// are unpacked into the first-level cache together with their factors, then used for all tokens (tileProduct). In both
//     out = sum over chunks of d * xScale * (scale * (codes . x)) - sum over groups of m * xSum,
//     m = dmin * min + d * scale * offset.
// Cost on AVX2, per 8 rows x 32 columns and token: 8 byte products, 8 additions and about 6 more for codes up to 6
// bits, twice the products for wider ones.
#pragma once

#include <algorithm>
#include <compute/cpu/simd_target.h>

namespace nibble {

namespace {

/// What distinguishes packed layouts for a kernel, as a template argument.
struct Shape {
    int low, high; // bits of the two planes
    int group;     // 16 or 32
    int flush;     // steps whose products 16 bits can sum: 8, 4, 2; 0: codes of 8 bits or a table as wide
    bool table, scales, mins, minBytes, nibbles, exponents;
    bool operator==(const Shape&) const = default;
};

/// One for every format there is, named in the comment. Others run through the scalar kernel; a test holds that no
/// format of the table does.
constexpr Shape kShapes[] = {
    {4, 0, 32, 8, false, false, false, false, false, false}, // Q4_0
    {4, 0, 32, 8, false, false, true, false, false, false},  // Q4_1
    {4, 1, 32, 4, false, false, false, false, false, false}, // Q5_0
    {4, 1, 32, 4, false, false, true, false, false, false},  // Q5_1
    {8, 0, 32, 0, false, false, false, false, false, false}, // Q8_0
    {2, 0, 16, 8, false, true, true, true, true, false},     // Q2_K
    {2, 1, 16, 8, false, true, false, false, false, false},  // Q3_K
    {4, 0, 32, 8, false, true, true, true, false, false},    // Q4_K
    {4, 1, 32, 4, false, true, true, true, false, false},    // Q5_K
    {4, 2, 16, 2, false, true, false, false, false, false},  // Q6_K
    {4, 0, 32, 0, true, false, false, false, false, false},  // IQ4_NL
    {4, 0, 32, 0, true, true, false, false, false, false},   // IQ4_XS
    {4, 0, 32, 4, true, false, false, false, false, true},   // MXFP4
};

/// The values that codes stand for, moved so that they are bytes: unsigned ones are value + offset, signed ones value +
/// signedOffset.
struct CodeValues {
    int largest = 0; // unsigned
    int offset = 0, signedOffset = 0;
    int8_t unsignedTable[16] = {}, signedTable[16] = {};
};

CodeValues codeValues(const Format& f) {
    CodeValues v;
    v.largest = (1 << f.codeBits) - 1;
    v.offset = f.offset;
    v.signedOffset = f.offset - (f.codeBits == 8 ? 128 : 0);
    if (!f.table) return v;
    int smallest = f.table[0];
    v.largest = f.table[0];
    for (int i = 1; i < 16; ++i) {
        smallest = std::min<int>(smallest, f.table[i]);
        v.largest = std::max<int>(v.largest, f.table[i]);
    }
    const bool wide = v.largest - smallest > 63;
    v.offset = wide ? 128 : -smallest;
    v.largest += v.offset;
    v.signedOffset = 0;
    for (int i = 0; i < 16; ++i) {
        v.unsignedTable[i] = int8_t(uint8_t(f.table[i] + v.offset));
        v.signedTable[i] = f.table[i];
    }
    return v;
}

Shape shapeOf(const PackedLayout& w) {
    const int largest = codeValues(*w.format).largest;
    const int flush = largest <= 15   ? 8
                      : largest <= 31 ? 4
                      : largest <= 63 ? 2
                                      : 0; // 2 * flush * largest * 127 < 32768
    return {w.lowBits, w.highBits,    w.format->groupSize, flush,      w.format->table != nullptr, w.hasScales,
            w.hasMins, w.hasMinBytes, w.scaleMinNibbles,   w.exponents};
}

/// Reads one panel.
template<Shape S>
struct PanelReader {
    const PackedLayout& w;
    const std::byte* panel;
    Codes table; // of signed or unsigned values
    float offset;

    PanelReader(const PackedLayout& layout, const std::byte* data, const CodeValues& values, bool signedCodes)
        : w(layout), panel(data), table(loadTable(signedCodes ? values.signedTable : values.unsignedTable)),
          offset(float(signedCodes ? values.signedOffset : values.offset)) {}

    /// Columns 4 * step ... of a chunk. Codes of 8 bits come as signed bytes.
    [[gnu::always_inline]] Codes codes(int64_t chunk, int step) const {
        const Codes plane = loadCodes(panel + (chunk * S.low + step % S.low) * 32);
        if constexpr (S.low == 8) return plane;
        Codes q = bitsOf(plane, S.low, step / S.low * S.low, 0);
        if constexpr (S.high > 0) {
            const Codes above = loadCodes(panel + w.high + (chunk * S.high + step % S.high) * 32);
            q = bitOr(q, bitsOf(above, S.high, step / S.high * S.high, S.low));
        }
        if constexpr (S.table) q = lookUp(table, q);
        return q;
    }
    [[gnu::always_inline]] Floats d(int64_t block) const {
        if constexpr (S.exponents) return loadExponents(panel + w.d + block * 8);
        return loadF16(panel + w.d + block * 16);
    }
    [[gnu::always_inline]] Floats dmin(int64_t block) const {
        if constexpr (S.mins) return loadF16(panel + w.dmin + block * 16);
        return zeroFloats();
    }
    [[gnu::always_inline]] Sums scales(int64_t group) const {
        if constexpr (!S.scales) return onesSums();
        if constexpr (S.nibbles) return lowNibbles(loadUnsigned(panel + w.scales + group * 8));
        return loadSigned(panel + w.scales + group * 8);
    }
    /// m of the comment above.
    [[gnu::always_inline]] Floats m(int64_t group, Floats dBlock, Floats dminBlock, Sums scale) const {
        Floats result = times(dBlock, broadcast(offset));
        if constexpr (S.scales) result = times(result, toFloats(scale));
        if constexpr (S.mins && !S.minBytes) return plus(result, dminBlock);
        if constexpr (S.mins && S.minBytes) {
            const Sums min = S.nibbles ? highNibbles(loadUnsigned(panel + w.scales + group * 8))
                                       : loadUnsigned(panel + w.mins + group * 8);
            return multiplyAdd(toFloats(min), dminBlock, result);
        }
        return result;
    }
};

/// Bytes by which reading is ahead: panels are too short, and have too many planes, for the processor to foresee.
constexpr int64_t kPrefetchAhead = 8192;

template<Shape S>
Floats rowProduct(const PanelReader<S>& in, int64_t blocks, int64_t blockChunks, const QuantizedRows& x, int term) {
    constexpr int kGroups = 32 / S.group, kSteps = S.group / 4;
    const int8_t* const codes = x.codesOf(term);
    const float* const xScales = x.scalesOf(term);
    const float* const xSums = x.sumsOf(term, S.group);
    const auto chunkBytes = int64_t(in.w.panelBytes) * 32 / in.w.cols;
    Floats result = zeroFloats(), subtract = zeroFloats();
    for (int64_t block = 0, chunk = 0; block < blocks; ++block) {
        const Floats d = in.d(block), dmin = in.dmin(block);
        for (int64_t end = chunk + blockChunks; chunk < end; ++chunk) {
            for (int64_t line = 0; line < chunkBytes; line += 64)
                prefetch(in.panel + kPrefetchAhead + chunk * chunkBytes + line);
            Sums sums[1][1] = {{zeroSums()}};
#pragma GCC unroll 2
            for (int g = 0; g < kGroups; ++g) {
                const int64_t group = chunk * kGroups + g;
                const Sums scale = in.scales(group);
                const auto codeAt = [&](int, int step) { return in.codes(chunk, g * kSteps + step); };
                const int8_t* const xGroup[1] = {codes + group * S.group};
                if constexpr (S.flush == 0 && kWideRowsSigned) {
                    sums[0][0] = addSignedProducts<kSteps>(sums[0][0], codeAt, xGroup[0], toScales(scale));
                } else {
                    const Scales scales[1] = {toScales(scale)};
                    const auto unsignedAt = [&](int p, int step) {
                        return S.low == 8 ? flipSigns(codeAt(p, step)) : codeAt(p, step);
                    };
                    addProducts<S.flush, kSteps, S.scales, 1, 1>(sums, unsignedAt, xGroup, scales);
                }
                // Signed codes of 8 bits and tables need no offset, and a format without mins nothing else either.
                if constexpr (S.flush != 0 || S.mins || !kWideRowsSigned)
                    subtract = multiplyAdd(in.m(group, d, dmin, scale), broadcast(xSums[group]), subtract);
            }
            result = multiplyAdd(times(toFloats(sums[0][0]), broadcast(xScales[chunk])), d, result);
        }
    }
    return minus(result, subtract);
}

/// Two panels (or the two nibbles of one) over up to kTileCols columns, unpacked.
struct Tile {
    static constexpr int kChunks = kTileCols / 32;
    uint8_t* codes;  // (chunks, 8 steps, 2 slots, 32)
    uint8_t* scales; // (chunks, groups, 2 slots, 32): Scales
    float* d;        // (chunks, 2 panels, 8)
    float* m;        // (chunks, groups, 2 panels, 8)
    float* results;  // (kTileTokens, 2 panels, 8)

    explicit Tile(float* scratch) {
        codes = reinterpret_cast<uint8_t*>(scratch);
        scales = codes + kChunks * 512;
        d = reinterpret_cast<float*>(scales + kChunks * 2 * 64);
        m = d + kChunks * 16;
        results = m + kChunks * 2 * 16;
    }
    static constexpr uint64_t kBytes = kChunks * (512 + 128 + 64 + 128) + kTileTokens * 64;
};
static_assert(Tile::kBytes <= kMatmulScratch);

/// Whether a tile's slots are the nibbles of one panel.
template<Shape S>
constexpr bool kIsSplit = S.flush == 0 && kSplitsWide;

template<Shape S>
void unpackTile(const PanelReader<S>& in, int slot, int64_t firstChunk, int64_t chunks, const Tile& tile) {
    constexpr int kGroups = 32 / S.group;
    const int64_t blockChunks = in.w.format->blockSize / 32;
    for (int64_t i = 0; i < chunks; ++i) {
        const int64_t chunk = firstChunk + i;
        uint8_t* codes = tile.codes + i * 512 + slot * 32;
        for (int step = 0; step < 8; ++step) {
            Codes q = in.codes(chunk, step);
            if (S.low == 8 && !kWideTilesSigned) q = flipSigns(q);
            if constexpr (kIsSplit<S>) {
                storeCodes(codes + step * 64, bitsOf(q, 4, 4, 0));
                storeCodes(codes + step * 64 + 32, bitsOf(q, 4, 0, 0));
            } else {
                storeCodes(codes + step * 64, q);
            }
        }
        const Floats d = in.d(chunk / blockChunks), dmin = in.dmin(chunk / blockChunks);
        store(tile.d + i * 16 + slot * 8, d);
        for (int g = 0; g < kGroups; ++g) {
            const int64_t at = i * kGroups + g;
            const Sums scale = in.scales(chunk * kGroups + g);
            store(tile.m + at * 16 + slot * 8, in.m(chunk * kGroups + g, d, dmin, scale));
            if constexpr (kIsSplit<S>) {
                storeScales(tile.scales + at * 64, timesSixteen(toScales(scale)));
                storeScales(tile.scales + at * 64 + 32, toScales(scale));
            } else {
                storeScales(tile.scales + at * 64 + slot * 32, toScales(scale));
            }
        }
    }
}

/// Adds the tile's product with kTokens lines of x to results (kTokens, 2, 8).
template<int kFlush, int kGroup, bool kScaled, bool kSplit, int kTokens>
void tileProduct(const Tile& tile, int64_t firstChunk, int64_t chunks, const QuantizedRows& x, int64_t token,
                 float* results) {
    constexpr int kGroups = 32 / kGroup, kSteps = kGroup / 4;
    constexpr int kVectors = kTileVectors, kRows = kTileRows / kVectors, kBytes = 4 * kRows; // bytes of a step's codes
    constexpr int kPanels = kSplit ? 1 : kVectors;
    static_assert(!kSplit || kVectors == 2);
    const int8_t* xCodes[kTokens];
    const float *xScales[kTokens], *xSums[kTokens];
    TileFloats totals[kPanels][kTokens];
    for (int t = 0; t < kTokens; ++t) {
        xCodes[t] = x.codesOf(token + t) + firstChunk * 32;
        xScales[t] = x.scalesOf(token + t) + firstChunk;
        xSums[t] = x.sumsOf(token + t, kGroup) + firstChunk * kGroups;
        for (int p = 0; p < kPanels; ++p) totals[p][t] = loadTile(results + t * kTileRows + p * kRows);
    }
    for (int64_t i = 0; i < chunks; ++i) {
        TileSums sums[kVectors][kTokens];
        for (int p = 0; p < kVectors; ++p)
            for (int t = 0; t < kTokens; ++t) sums[p][t] = zeroTileSums();
#pragma GCC unroll 2
        for (int g = 0; g < kGroups; ++g) {
            const uint8_t* codes = tile.codes + i * 512 + g * kSteps * 64;
            TileScales scales[kVectors];
            for (int p = 0; p < kVectors; ++p)
                scales[p] = loadTileScales(tile.scales + (i * kGroups + g) * 64 + p * kBytes);
            const int8_t* xGroup[kTokens];
            for (int t = 0; t < kTokens; ++t) xGroup[t] = xCodes[t] + i * 32 + g * kGroup;
            const auto codeAt = [&](int p, int step) { return loadTileCodes(codes + step * 64 + p * kBytes); };
            addProducts<kFlush, kSteps, kScaled || kSplit, kVectors, kTokens>(sums, codeAt, xGroup, scales);
        }
        for (int t = 0; t < kTokens; ++t) {
            const TileFloats scale = broadcastTile(xScales[t][i]);
            for (int p = 0; p < kPanels; ++p) {
                const TileSums sum = kSplit ? addSums(sums[0][t], sums[1][t]) : sums[p][t];
                TileFloats& total = totals[p][t];
                total = multiplyAdd(times(toFloats(sum), scale), loadTile(tile.d + i * kTileRows + p * kRows), total);
                for (int g = 0; g < kGroups; ++g)
                    total = multiplySubtract(loadTile(tile.m + (i * kGroups + g) * kTileRows + p * kRows),
                                             broadcastTile(xSums[t][i * kGroups + g]), total);
            }
        }
    }
    for (int t = 0; t < kTokens; ++t)
        for (int p = 0; p < kPanels; ++p) store(results + t * kTileRows + p * kRows, totals[p][t]);
}

/// The panels of one tile for all tokens.
template<Shape S>
void tileRows(const PackedLayout& w, const std::byte* packed, const CodeValues& values, int64_t panel, int panels,
              const QuantizedRows& x, int64_t tokens, const ProductTarget& target, const Tile& tile) {
    constexpr int kFlush = S.flush == 0 ? 8 : S.flush;
    constexpr bool kSplit = kIsSplit<S>;
    const int64_t chunks = w.cols / 32, firstRow = panel * kPanelRows;
    const int rows = int(std::min<int64_t>(panels * kPanelRows, w.rows - firstRow));
    int64_t unpacked = -1;     // first chunk of what the tile holds
    const int terms = x.terms; // each is a token to the tile
    for (int64_t token0 = 0; token0 < tokens * terms; token0 += kTileTokens) {
        const int64_t end = std::min<int64_t>(tokens * terms, token0 + kTileTokens);
        std::fill_n(tile.results, (end - token0) * kTileRows, 0.0f);
        for (int64_t t = token0; t < end; t += terms) expectResults(target, t / terms, firstRow);
        for (int64_t chunk = 0; chunk < chunks; chunk += Tile::kChunks) {
            const int64_t n = std::min<int64_t>(Tile::kChunks, chunks - chunk);
            for (int slot = 0; slot < (kSplit ? 1 : 2) && unpacked != chunk; ++slot) {
                const std::byte* data = packed + uint64_t(panel + std::min(slot, panels - 1)) * w.panelBytes;
                unpackTile(PanelReader<S>(w, data, values, kWideTilesSigned && S.flush == 0), slot, chunk, n, tile);
            }
            unpacked = chunk;
            int64_t t = token0;
            const auto multiply = [&]<int kTokens>() {
                for (; t + kTokens <= end; t += kTokens)
                    tileProduct<kFlush, S.group, S.scales, kSplit, kTokens>(tile, chunk, n, x, t,
                                                                            tile.results + (t - token0) * kTileRows);
            };
            multiply.template operator()<kTileTokensAtOnce>();
            multiply.template operator()<2>();
            multiply.template operator()<1>();
        }
        for (int64_t t = token0; t < end; t += terms) {
            float* const results = tile.results + (t - token0) * kTileRows;
            for (int i = 0; terms == 2 && i < kTileRows; ++i) results[i] += results[kTileRows + i];
            storeRows(target, t / terms, firstRow, rows, results);
        }
    }
}

template<Shape S>
void shapedProduct(const PackedLayout& w, const std::byte* packed, int64_t begin, int64_t end, const QuantizedRows& x,
                   int64_t tokens, const ProductTarget& target, float* scratch) {
    const CodeValues values = codeValues(*w.format);
    if (tokens == 1) {
        const int64_t blocks = w.cols / w.format->blockSize, blockChunks = w.format->blockSize / 32;
        for (int64_t panel = begin; panel < end; ++panel) {
            const std::byte* data = packed + uint64_t(panel) * w.panelBytes;
            const PanelReader<S> reader(w, data, values, kWideRowsSigned && S.flush == 0);
            float results[kPanelRows];
            Floats sum = rowProduct(reader, blocks, blockChunks, x, 0);
            if (x.terms == 2) sum = plus(sum, rowProduct(reader, blocks, blockChunks, x, 1));
            store(results, sum);
            const int64_t row = panel * kPanelRows;
            storeRows(target, 0, row, int(std::min<int64_t>(kPanelRows, w.rows - row)), results);
        }
        return;
    }
    const Tile tile(scratch);
    constexpr int kPanels = kIsSplit<S> ? 1 : 2;
    for (int64_t panel = begin; panel < end; panel += kPanels)
        tileRows<S>(w, packed, values, panel, int(std::min<int64_t>(kPanels, end - panel)), x, tokens, target, tile);
}

bool hasShape(const PackedLayout& w) { return std::ranges::find(kShapes, shapeOf(w)) != std::end(kShapes); }

template<std::size_t kIndex = 0>
void packedProduct(const PackedLayout& w, const std::byte* packed, int64_t begin, int64_t end, const QuantizedRows& x,
                   int64_t tokens, const ProductTarget& target, float* scratch) {
    if constexpr (kIndex < std::size(kShapes)) {
        if (shapeOf(w) == kShapes[kIndex])
            return shapedProduct<kShapes[kIndex]>(w, packed, begin, end, x, tokens, target, scratch);
        return packedProduct<kIndex + 1>(w, packed, begin, end, x, tokens, target, scratch);
    } else {
        scalarKernels().packedProduct(w, packed, begin, end, x, tokens, target, scratch);
    }
}

/// 32 values, chunk g of a line.
[[gnu::always_inline]] inline void quantizeChunk(const float* x, int64_t line, int64_t g, const QuantizedRows& out) {
    const Floats a = larger(absolute(load(x)), absolute(load(x + 8)));
    const Floats b = larger(absolute(load(x + 16)), absolute(load(x + 24)));
    const float largest = largestOf(larger(a, b));
    const float scale = largest / 127, factor = largest >= kSmallestQuantized ? 127 / largest : 0;
    int sums[2];
    quantize32(x, factor, out.codes + line * out.cols + g * 32, sums);
    const int64_t at = line * (out.cols / 32) + g;
    out.scales[at] = scale;
    out.sums32[at] = scale * float(sums[0] + sums[1]);
    out.sums16[at * 2] = scale * float(sums[0]);
    out.sums16[at * 2 + 1] = scale * float(sums[1]);
}

void quantizeRow(const float* x, int64_t row, const QuantizedRows& out) {
    const int64_t line = row * out.terms;
    for (int64_t g = 0; g < out.cols / 32; ++g, x += 32) {
        quantizeChunk(x, line, g, out);
        if (out.terms == 1) continue;
        float rest[32];
        remainderOf(x, out, line, g, rest);
        quantizeChunk(rest, line + 1, g, out);
    }
}

} // namespace

} // namespace nibble
