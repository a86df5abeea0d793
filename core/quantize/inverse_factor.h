// What GPTQ needs of second moments: the factor of their inverse. Private to core/quantize.
#pragma once

#include <cstdint>
#include <vector>

namespace nibble {

class ThreadPool;

/// Turns a symmetric a, (n, n), into the upper triangular U with U^T U = a^-1; what is below the diagonal means nothing
/// then. False where a is not positive definite. Takes about n^3 / 3 multiplications and no other matrix beside `a`.
/// The same to the last bit for every number of threads and on every processor.
bool factorInverse(std::vector<float>& a, int64_t n, ThreadPool& pool);

} // namespace nibble
