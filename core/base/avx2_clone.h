// A function for which the compiler makes a second version for AVX2, chosen when the program starts. What it calls must
// be inlined to be compiled with it.
#pragma once

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define NIBBLE_AVX2_CLONE __attribute__((target_clones("avx2", "default")))
#else
#define NIBBLE_AVX2_CLONE
#endif

// For what such a function calls.
#define NIBBLE_INLINE inline __attribute__((always_inline))
