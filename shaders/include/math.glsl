// Functions whose built-in versions differ between drivers where it matters.
#ifndef NIBBLE_MATH
#define NIBBLE_MATH

/// Never overflows, and keeps its relative precision near 0.
float safeTanh(float x) {
    const float a = abs(x), s = x * x;
    if (a < 0.25) return x * (1 + s * (-1.0 / 3 + s * (2.0 / 15 + s * (-17.0 / 315 + s * (62.0 / 2835)))));
    return sign(x) * (1 - 2 / (exp(min(2 * a, 40)) + 1));
}

/// The nearest value of 16 bit (to even), saturated: packHalf2x16 may round either way.
float roundToHalf(float x) {
    const uint bits = floatBitsToUint(clamp(x, -65504, 65504));
    return uintBitsToFloat((bits + 0x0fffu + (bits >> 13 & 1)) & ~0x1fffu);
}

#endif
