// Kernels for x86 with AVX2, FMA and F16C: nearly every processor since 2013 (Intel) and 2015 (AMD).
#include <compute/cpu/kernels.h>

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include <compute/cpu/simd_x86.h>

#include <compute/cpu/simd_tile8.h>

#include <compute/cpu/simd_kernels.h>

namespace nibble {
const Kernels* avx2Kernels() { return &kSimdKernels; }
} // namespace nibble
#else
namespace nibble {
const Kernels* avx2Kernels() { return nullptr; }
} // namespace nibble
#endif
