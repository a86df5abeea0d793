// Records the products of one input, as products.h plans them.
#pragma once

#include <compute/vulkan/products.h>
#include <compute/vulkan/recorder.h>

namespace nibble {

/// One product: out = weight * in (+ bias) (+ residual).
struct GpuProduct {
    const GpuLayout* layout = nullptr;
    Range weight; // layout->bytes
    GpuRows out;
    Range bias;       // no bytes: none
    GpuRows residual; // no rows: none; may be `out`
};

/// Records all products of `in`, whose rows are `cols` wide, quantizing it once where a weight needs it. `scratch`
/// holds planQuantizedInput(in.rows, cols).bytes where it does.
void recordProducts(Recorder& recorder, const ProductTuning& tuning, const GpuRows& in, int64_t cols,
                    const Range& scratch, std::span<const GpuProduct> products);

} // namespace nibble
