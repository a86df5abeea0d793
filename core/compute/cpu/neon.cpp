// Kernels for 64-bit ARM with the dot product instructions of ARMv8.2 (nearly every core since 2018).
#include <compute/cpu/kernels.h>

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
#include <compute/cpu/simd_neon.h>

#include <compute/cpu/simd_attention.h>
#include <compute/cpu/simd_float.h>
#include <compute/cpu/simd_product.h>

namespace nibble {
const Kernels* neonKernels() {
    static constexpr Kernels table = {quantizeRow, packedProduct<>, floatProduct, rmsNorm, rope,
                                      storeKv,     attend,          gated,        add,     scale};
    return &table;
}
} // namespace nibble
#else
namespace nibble {
const Kernels* neonKernels() { return nullptr; }
} // namespace nibble
#endif
