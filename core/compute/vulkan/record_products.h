// Records the products of one input, as products.h plans them.
#pragma once

#include <compute/vulkan/products.h>
#include <compute/vulkan/recorder.h>

namespace nibble {

/// For a device as it was opened.
ProductTuning productTuning(const Gpu& gpu);

/// One product: out = weight * in (+ bias) (+ residual).
struct GpuProduct {
    const GpuLayout* layout = nullptr;
    Range weight; // layout->bytes
    GpuRows out;
    Range bias;       // no bytes: none
    GpuRows residual; // no rows: none; may be `out`
};

/// The parts of scratch that hold the quantized form of (rows, cols) in so many terms.
struct QuantizedInput {
    Range codes, factors;
};
QuantizedInput quantizedInput(const Range& scratch, int64_t rows, int64_t cols, int terms);

/// Records all products of `in`, whose rows are `cols` wide and none of which reads another's result, quantizing it
/// once where a weight needs it and scratch does not have it yet (`isQuantized`). Returns whether scratch holds it now.
/// `scratch` is then at least planQuantizedInput(in.rows, cols, tuning.terms).bytes long, and has room for planHalves()
/// behind it where `tuning` uses matrix units. With `experts` each slot has a row of results, and `routing` holds what
/// route and, for more than kMatvecSlots, sort_slots wrote.
bool recordProducts(Recorder& recorder, const ProductTuning& tuning, const GpuRows& in, int64_t cols,
                    const Range& scratch, bool isQuantized, std::span<const GpuProduct> products,
                    const ExpertSlots* experts = nullptr, const Range& routing = {});

} // namespace nibble
