#include <compute/cpu/kernels.h>

namespace nibble {
const Kernels* avx512VnniKernels() { return nullptr; }
} // namespace nibble
