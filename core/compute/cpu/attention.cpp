#include <algorithm>
#include <cmath>
#include <compute/cpu/attention.h>
#include <limits>

namespace nibble {

namespace {

constexpr double kWorthSharing = 60e3; // multiply-adds below which waking the other threads costs more than it saves
constexpr int kMinPartKeys = 64;

/// The tiles of a call. Item = ((row tile * head groups) + head group) * parts + part, last rows first: they see most
/// keys.
struct Tiling {
    int headsPerTile = 1, groupsPerKvHead = 1, headGroups = 1, rowsPerTile = 1, rowTiles = 1, parts = 1;
    int64_t items() const { return int64_t(rowTiles) * headGroups * parts; }
};

Tiling cutTiles(const AttentionJob& job, int rows, int threads) {
    const AttentionSpec& spec = *job.spec;
    const int groupHeads = spec.nHeads / spec.nKvHeads;
    Tiling t;
    t.headsPerTile = std::min(groupHeads, kTileQueries);
    t.groupsPerKvHead = (groupHeads + t.headsPerTile - 1) / t.headsPerTile;
    t.headGroups = t.groupsPerKvHead * spec.nKvHeads;
    t.rowsPerTile = std::max(1, kTileQueries / t.headsPerTile);
    t.rowTiles = (rows + t.rowsPerTile - 1) / t.rowsPerTile;
    const int tiles = t.rowTiles * t.headGroups, keys = job.pos0 + rows - job.firstKey(0);
    if (threads > 1 && tiles < 2 * threads)
        t.parts = std::clamp(std::min((4 * threads + tiles - 1) / tiles, threads * kMaxParts / tiles), 1,
                             std::max(1, keys / kMinPartKeys));
    return t;
}

AttentionTile tileOf(const AttentionJob& job, const Tiling& t, int rows, int64_t item, int part) {
    const AttentionSpec& spec = *job.spec;
    const int groupHeads = spec.nHeads / spec.nKvHeads;
    const int headGroup = int(item % t.headGroups), rowTile = t.rowTiles - 1 - int(item / t.headGroups);
    AttentionTile tile;
    tile.kvHead = headGroup / t.groupsPerKvHead;
    const int firstHead = headGroup % t.groupsPerKvHead * t.headsPerTile;
    tile.head0 = tile.kvHead * groupHeads + firstHead;
    tile.heads = std::min(t.headsPerTile, groupHeads - firstHead);
    tile.row0 = rowTile * t.rowsPerTile;
    tile.rows = std::min(t.rowsPerTile, rows - tile.row0);
    const int32_t begin = job.firstKey(tile.row0), end = job.pos0 + tile.row0 + tile.rows;
    const int32_t step = (end - begin + t.parts - 1) / t.parts;
    tile.key0 = std::min(end, begin + part * step);
    tile.key1 = std::min(end, tile.key0 + step);
    return tile;
}

AttentionState stateAt(float* states, int64_t index, int valueDim) {
    float* base = states + index * attentionStateFloats(valueDim);
    return {base, base + kTileQueries, base + 2 * kTileQueries};
}

/// out = sum over parts of values / sum over parts of sum (and the sink), all scaled to the largest score. The parts'
/// states follow each other.
void finishTile(const AttentionJob& job, const AttentionTile& tile, float* states, int64_t first, int parts,
                const float* sinks, float* out, int64_t outStride) {
    const int valueDim = job.spec->valueDim;
    for (int i = 0; i < tile.queries(); ++i) {
        const int row = tile.row0 + i / tile.heads, head = tile.head0 + i % tile.heads;
        const auto part = [&](int p) { return stateAt(states, first + p, valueDim); };
        float max = sinks ? sinks[head] : -std::numeric_limits<float>::infinity();
        for (int p = 0; p < parts; ++p) max = std::max(max, part(p).max[i]);
        float sum = sinks ? std::exp(sinks[head] - max) : 0;
        for (int p = 0; p < parts; ++p) sum += part(p).sum[i] * std::exp(part(p).max[i] - max);
        float* o = out + row * outStride + int64_t(head) * valueDim;
        for (int p = 0; p < parts; ++p) {
            const float factor = std::exp(part(p).max[i] - max) / sum;
            const float* v = part(p).values + int64_t(i) * paddedDim(valueDim);
            for (int d = 0; d < valueDim; ++d) o[d] = (p == 0 ? 0 : o[d]) + factor * v[d];
        }
    }
}

} // namespace

void runAttention(const Kernels& kernels, ThreadPool& pool, const AttentionJob& job, int rows, const float* sinks,
                  float* out, int64_t outStride, const AttentionScratch& scratch) {
    const AttentionSpec& spec = *job.spec;
    const double keys = job.pos0 + rows - job.firstKey(0);
    const bool share = rows * keys * spec.nHeads * (spec.keyDim + spec.valueDim) > kWorthSharing;
    const Tiling t = cutTiles(job, rows, share ? pool.size() : 1);
    const int64_t tiles = t.items() / t.parts;

    const auto attend = [&](int64_t begin, int64_t end, int worker) {
        for (int64_t i = begin; i < end; ++i) {
            const AttentionTile tile = tileOf(job, t, rows, i / t.parts, int(i % t.parts));
            const int64_t slot = t.parts > 1 ? i : worker;
            kernels.attend(job, tile, stateAt(scratch.states, slot, spec.valueDim), scratch.workers[worker]);
            if (t.parts == 1) finishTile(job, tile, scratch.states, slot, 1, sinks, out, outStride);
        }
    };
    if (share)
        pool.forEach(t.items(), 1, attend);
    else
        attend(0, t.items(), 0);
    if (t.parts == 1) return;
    for (int64_t i = 0; i < tiles; ++i)
        finishTile(job, tileOf(job, t, rows, i, 0), scratch.states, i * t.parts, t.parts, sinks, out, outStride);
}

} // namespace nibble
