// Floats as numbers that can be compared, ranked and kept unique whatever they are.
#ifndef NIBBLE_ORDER
#define NIBBLE_ORDER

/// Orders as the numbers do; 0 for what is no number.
uint keyOf(float x) {
    const uint bits = floatBitsToUint(x), size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) return 0;
    if (size == 0) return 0x80000000u;
    return (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
}

#endif
