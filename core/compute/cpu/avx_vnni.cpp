// Kernels for x86 with AVX2 and AVX-VNNI: Intel's processors for desktops and notebooks since 2021 (Alder Lake), which
// lack AVX-512, and AMD's since 2024 (Zen 5). As avx2.cpp, with vpdpbusd for the byte products.
#include <compute/cpu/kernels.h>

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__) && defined(__AVXVNNI__)
#include <compute/cpu/simd_x86.h>

#include <compute/cpu/simd_tile8.h>

#include <compute/cpu/simd_kernels.h>

namespace nibble {
const Kernels* avxVnniKernels() { return &kSimdKernels; }
} // namespace nibble
#else
namespace nibble {
const Kernels* avxVnniKernels() { return nullptr; }
} // namespace nibble
#endif
