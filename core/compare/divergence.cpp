#include <algorithm>
#include <cassert>
#include <cmath>
#include <compare/divergence.h>
#include <cstring>
#include <functional>
#include <vector>

namespace nibble {

namespace {

// Four doubles at a time in the compiler's own vector types: SSE2 or NEON by default, AVX2 where the processor has it.
// They are passed by reference, since no two compilers agree on how to pass them by value.
constexpr int kLanes = 4;
using Vec = double __attribute__((vector_size(kLanes * sizeof(double))));
using Ints = int64_t __attribute__((vector_size(kLanes * sizeof(int64_t))));
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));

[[gnu::always_inline]] inline void load(const float* p, Vec& out) {
    Floats f;
    std::memcpy(&f, p, sizeof f);
    out = __builtin_convertvector(f, Vec);
}

/// v becomes e^v, for v <= 0, to about 1e-14; below -700 it stays at e^-700. NaN stays NaN.
/// v = k ln2 + r with |r| <= ln2 / 2: e^r by its series, 2^k by adding k to the exponent bits.
[[gnu::always_inline]] inline void exponentiate(Vec& v) {
    constexpr double kMagic = 6755399441055744.0; // 1.5 * 2^52: adding it leaves the nearest integer in the low bits
    v = v < -700.0 ? Vec{} - 700.0 : v;
    const Vec shifted = v * 1.4426950408889634 + kMagic;
    const Vec k = shifted - kMagic;
    const Vec r = (v - k * 0.6931471803691238) - k * 1.9082149292705877e-10; // ln2 in two parts
    Vec e = Vec{} + 1.0 / 39916800;                                          // 1 / 11!
    for (const double c :
         {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
        e = e * r + c;
    Ints bits, exponent;
    std::memcpy(&bits, &e, sizeof bits);
    std::memcpy(&exponent, &shifted, sizeof exponent);
    bits += exponent << 52;
    std::memcpy(&v, &bits, sizeof v);
}

[[gnu::always_inline]] inline double sumOf(const Vec& v) {
    double sum = 0;
    for (int i = 0; i < kLanes; ++i) sum += v[i];
    return sum;
}

struct Sums {
    double original = 0, smaller = 0, difference = 0;
};

/// sum e^(x - maxX), sum e^(y - maxY), sum e^(x - maxX) (x - y)
[[gnu::always_inline]] inline Sums pairSumsBody(const float* x, const float* y, std::size_t n, double maxX,
                                                double maxY) {
    Vec sumX{}, sumY{}, sumD{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        Vec a, b;
        load(x + i, a);
        load(y + i, b);
        const Vec difference = a - b;
        a -= maxX;
        b -= maxY;
        exponentiate(a);
        exponentiate(b);
        sumX += a;
        sumY += b;
        sumD += a * difference;
    }
    Sums sums{sumOf(sumX), sumOf(sumY), sumOf(sumD)};
    for (; i < n; ++i) {
        const double e = std::exp(double(x[i]) - maxX);
        sums.original += e;
        sums.smaller += std::exp(double(y[i]) - maxY);
        sums.difference += e * (double(x[i]) - double(y[i]));
    }
    return sums;
}

[[gnu::always_inline]] inline double sumBody(const float* x, std::size_t n, double max) {
    Vec sum{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        Vec v;
        load(x + i, v);
        v -= max;
        exponentiate(v);
        sum += v;
    }
    double total = sumOf(sum);
    for (; i < n; ++i) total += std::exp(double(x[i]) - max);
    return total;
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] Sums pairSumsAvx2(const float* x, const float* y, std::size_t n, double mx, double my) {
    return pairSumsBody(x, y, n, mx, my);
}
[[gnu::target("avx2,fma")]] double sumAvx2(const float* x, std::size_t n, double max) { return sumBody(x, n, max); }
bool hasAvx2() {
    static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return has;
}
#endif

Sums pairSums(const float* x, const float* y, std::size_t n, double maxX, double maxY) {
#if defined(__x86_64__)
    if (hasAvx2()) return pairSumsAvx2(x, y, n, maxX, maxY);
#endif
    return pairSumsBody(x, y, n, maxX, maxY);
}

double sumOfExp(std::span<const float> x, double max) {
#if defined(__x86_64__)
    if (hasAvx2()) return sumAvx2(x.data(), x.size(), max);
#endif
    return sumBody(x.data(), x.size(), max);
}

/// The first of the largest values (NaN never wins).
std::size_t topOf(std::span<const float> x) {
    float lanes[16];
    std::fill(std::begin(lanes), std::end(lanes), -INFINITY);
    std::size_t i = 0;
    for (; i + 16 <= x.size(); i += 16)
        for (std::size_t k = 0; k < 16; ++k) lanes[k] = x[i + k] > lanes[k] ? x[i + k] : lanes[k];
    float max = *std::max_element(std::begin(lanes), std::end(lanes));
    for (; i < x.size(); ++i) max = x[i] > max ? x[i] : max;
    const auto at = std::find(x.begin(), x.end(), max);
    return at == x.end() ? 0 : std::size_t(at - x.begin());
}

} // namespace

RowScore scoreRows(std::span<const float> original, std::span<const float> smaller, int32_t target) {
    assert(original.size() == smaller.size() && target >= 0 && std::size_t(target) < original.size());
    const std::size_t topX = topOf(original), topY = topOf(smaller);
    const double maxX = double(original[topX]), maxY = double(smaller[topY]);
    const Sums sums = pairSums(original.data(), smaller.data(), original.size(), maxX, maxY);
    const double lseX = maxX + std::log(sums.original), lseY = maxY + std::log(sums.smaller);
    RowScore score;
    score.divergence = sums.difference / sums.original - lseX + lseY;
    if (score.divergence < 0) score.divergence = 0; // rounding
    score.originalLoss = lseX - double(original[std::size_t(target)]);
    score.smallerLoss = lseY - double(smaller[std::size_t(target)]);
    score.originalTop = int32_t(topX);
    score.smallerTop = int32_t(topY);
    score.originalChance = float(1 / sums.original); // e^0 of the sum
    score.smallerChance = float(1 / sums.smaller);
    return score;
}

RowSummary summarizeRow(std::span<const float> original, int32_t target) {
    assert(target >= 0 && std::size_t(target) < original.size());
    const double max = double(original[topOf(original)]);
    const double sum = sumOfExp(original, max), lse = max + std::log(sum);
    RowSummary row;
    row.loss = lse - double(original[std::size_t(target)]);
    row.restMass = sum;
    if (!std::isfinite(sum)) return row; // no order among values that are not numbers

    row.count = int32_t(std::min<std::size_t>(RowSummary::kTop, original.size()));
    std::vector<float> values(original.begin(), original.end());
    std::nth_element(values.begin(), values.begin() + (row.count - 1), values.end(), std::greater<>());
    const float least = values[std::size_t(row.count - 1)];
    const auto above = std::size_t(std::count_if(original.begin(), original.end(), [&](float v) { return v > least; }));
    std::size_t larger = 0, equal = above; // where the next one goes; of equal ones the lowest ids get a place
    for (std::size_t id = 0; id < original.size(); ++id) {
        if (original[id] > least)
            row.ids[larger++] = int32_t(id);
        else if (original[id] == least && equal < std::size_t(row.count))
            row.ids[equal++] = int32_t(id);
    }
    std::stable_sort(row.ids.begin(), row.ids.begin() + larger,
                     [&](int32_t a, int32_t b) { return original[std::size_t(a)] > original[std::size_t(b)]; });
    double mass = 0;
    for (std::size_t i = 0; i < std::size_t(row.count); ++i) {
        const double logProb = double(original[std::size_t(row.ids[i])]) - lse;
        row.logProbs[i] = float(logProb);
        mass += std::exp(logProb);
    }
    row.restMass = std::max(0.0, 1 - mass);
    return row;
}

RowScore scoreSummary(const RowSummary& original, std::span<const float> smaller, int32_t target) {
    assert(target >= 0 && std::size_t(target) < smaller.size());
    const std::size_t topY = topOf(smaller);
    const double maxY = double(smaller[topY]);
    const double sum = sumOfExp(smaller, maxY), lse = maxY + std::log(sum);
    RowScore score;
    double topMass = 0;
    for (std::size_t i = 0; i < std::size_t(original.count); ++i) {
        const double logP = double(original.logProbs[i]), logQ = double(smaller[std::size_t(original.ids[i])]) - lse;
        topMass += std::exp(logQ);
        score.divergence += std::exp(logP) * (logP - logQ);
    }
    // Where all is in the top, the rest of q is what rounding left.
    const double restQ = std::max(1 - topMass, 1e-12);
    if (original.restMass > 1e-12) score.divergence += original.restMass * std::log(original.restMass / restQ);
    if (!std::isfinite(original.restMass)) score.divergence = NAN;
    if (score.divergence < 0) score.divergence = 0;
    score.originalLoss = original.loss;
    score.smallerLoss = lse - double(smaller[std::size_t(target)]);
    if (original.count > 0) {
        score.originalTop = original.ids[0];
        score.originalChance = float(std::exp(double(original.logProbs[0])));
    }
    score.smallerTop = int32_t(topY);
    score.smallerChance = float(1 / sum);
    return score;
}

} // namespace nibble
