// The table of kernels over whichever vector operations were included before (simd_x86.h or simd_neon.h).
#pragma once

#include <compute/cpu/simd_attention.h>
#include <compute/cpu/simd_delta_net.h>
#include <compute/cpu/simd_float.h>
#include <compute/cpu/simd_product.h>

namespace nibble {

namespace {

constexpr Kernels kSimdKernels = {quantizeRow, packedProduct<>, hasShape, floatProduct, rmsNorm, rope,    storeKv,
                                  attend,      gated,           add,      scale,        silu,    deltaNet};

} // namespace

} // namespace nibble
