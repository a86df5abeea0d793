// Kernels for x86 with AVX-512 VNNI (Ice Lake, Zen 4 and later): the same as avx2.cpp on the same 256-bit vectors, with
// vpdpbusd for the byte products. Vectors of 512 bits would halve the instructions, but not the time where memory is
// slower.
#include <compute/cpu/kernels.h>

#if defined(__AVX512VNNI__) && defined(__AVX512VL__) && defined(__AVX512BW__)
#include <compute/cpu/simd_x86.h>

#include <compute/cpu/simd_kernels.h>

namespace nibble {
const Kernels* avx512VnniKernels() { return &kSimdKernels; }
} // namespace nibble
#else
namespace nibble {
const Kernels* avx512VnniKernels() { return nullptr; }
} // namespace nibble
#endif
