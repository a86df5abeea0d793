// Kernels for 64-bit ARM with the dot product instructions of ARMv8.2 (nearly every core since 2018).
#include <compute/cpu/kernels.h>

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
#include <compute/cpu/simd_neon.h>

#include <compute/cpu/simd_tile8.h>

#include <compute/cpu/simd_kernels.h>

namespace nibble {
const Kernels* neonKernels() { return &kSimdKernels; }
} // namespace nibble
#else
namespace nibble {
const Kernels* neonKernels() { return nullptr; }
} // namespace nibble
#endif
