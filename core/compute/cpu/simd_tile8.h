// The 16 rows of a tile (two panels) in two vectors of eight, on processors without longer ones. Included after the
// vector operations, before simd_kernels.h.
#pragma once

namespace nibble {

namespace {

constexpr int kTileVectors = 2, kTileTokensAtOnce = 4;
using TileFloats = Floats;
using TileCodes = Codes;
using TileSums = Sums;
using TileScales = Scales;
inline TileFloats loadTile(const float* p) { return load(p); }
inline TileFloats broadcastTile(float x) { return broadcast(x); }
inline TileCodes loadTileCodes(const void* p) { return loadCodes(p); }
inline TileScales loadTileScales(const void* p) { return loadScales(p); }
inline TileSums zeroTileSums() { return zeroSums(); }

// Products with float weights: two vectors of rows by six tokens, which leaves 4 of AVX2's 16 registers for the
// factors.
constexpr int kFloatWidth = 8, kFloatRows = 16, kFloatTokens = 6, kFloatCols = 256;

} // namespace

} // namespace nibble
