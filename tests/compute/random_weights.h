// Random weights of any format and inputs; the error measure of the compute tests comes with operation_checks.h.
#pragma once

#include <cmath>
#include <compute/backend.h>
#include <compute/self_test/operation_checks.h>
#include <cstring>
#include <formats/format.h>
#include <formats/weight_rows.h>
#include <memory>
#include <random>
#include <vector>

namespace nibble {

using Random = std::mt19937;

inline std::vector<float> randomFloats(Random& random, std::size_t n, float deviation = 1) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> values(n);
    for (float& v : values) v = normal(random);
    return values;
}

/// One block of random bits whose scales are of a size that weights have.
inline void randomBlock(Random& random, const Format& f, std::byte* out) {
    CodeBlock block;
    const auto usable = [](float d) { return std::fabs(d) > 1e-3f && std::fabs(d) < 1.f; };
    do {
        for (uint32_t i = 0; i < f.blockBytes; ++i) out[i] = std::byte(random());
        f.unpack(out, block);
    } while (!usable(block.d) || (f.hasMin && !usable(block.dmin)));
}

/// A matrix of random weights that owns its bytes. Floats are normal, quantized blocks random bits.
inline WeightRows randomWeights(Random& random, const Format& f, int64_t rows, int64_t cols) {
    const auto bytes = std::make_shared<std::vector<std::byte>>(f.rowBytes(cols) * uint64_t(rows));
    if (f.codeBits > 0) {
        for (uint64_t at = 0; at < bytes->size(); at += f.blockBytes) randomBlock(random, f, bytes->data() + at);
    } else {
        for (std::size_t at = 0; at < bytes->size(); at += f.blockBytes) {
            const float value = std::normal_distribution<float>(0, 1)(random);
            f.encode(&value, bytes->data() + at, 1, nullptr);
        }
    }
    WeightRows w;
    w.name = std::string("random ") + f.name;
    w.format = f.id;
    w.rows = rows;
    w.cols = cols;
    w.planes = {bytes->data()};
    w.owner = bytes;
    return w;
}

inline std::vector<CpuLevel> supportedLevels() {
    std::vector<CpuLevel> levels;
    for (CpuLevel level : kCpuLevels)
        if (cpuSupports(level)) levels.push_back(level);
    return levels;
}

} // namespace nibble
