// Kernels for x86 with AVX-512 VNNI (Ice Lake, Zen 4 and later): the same as avx2.cpp with vpdpbusd for the
// byte products, and tiles of many tokens in vectors of 512 bits. One token is read from memory, which longer vectors
// do not make faster.
#include <compute/cpu/kernels.h>

#if defined(__AVX512VNNI__) && defined(__AVX512VL__) && defined(__AVX512BW__)
#include <compute/cpu/simd_x86.h>

#include <compute/cpu/simd_tile16.h>

#include <compute/cpu/simd_kernels.h>

namespace nibble {
const Kernels* avx512VnniKernels() { return &kSimdKernels; }
} // namespace nibble
#else
namespace nibble {
const Kernels* avx512VnniKernels() { return nullptr; }
} // namespace nibble
#endif
