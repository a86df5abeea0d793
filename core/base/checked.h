// Arithmetic on sizes that come from files: overflow is an error in the file, never a small number.
#pragma once

#include <cstdint>
#include <nibble/error.h>
#include <string_view>

namespace nibble {

[[noreturn]] void throwTooLarge(std::string_view what);

/// a * b; throws Error{BadFile} naming `what` on overflow.
inline uint64_t checkedMul(uint64_t a, uint64_t b, std::string_view what) {
    uint64_t r;
    if (__builtin_mul_overflow(a, b, &r)) throwTooLarge(what);
    return r;
}
/// a + b; throws Error{BadFile} naming `what` on overflow.
inline uint64_t checkedAdd(uint64_t a, uint64_t b, std::string_view what) {
    uint64_t r;
    if (__builtin_add_overflow(a, b, &r)) throwTooLarge(what);
    return r;
}
/// `value` rounded up to a multiple of `alignment` (a power of two); throws Error{BadFile} on overflow.
inline uint64_t checkedAlign(uint64_t value, uint64_t alignment, std::string_view what) {
    return checkedAdd(value, alignment - 1, what) & ~(alignment - 1);
}

} // namespace nibble
