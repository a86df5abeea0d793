// Sums of products of signed bytes, four to a word. With INTEGER_DOT by the device's instruction (OpSDot; glslang of
// Debian 12 has no extension for it, so the instruction is named); without, in f32, which is exact below 2^24 and faster
// than integer multiplication where the instruction is missing.
#ifndef NIBBLE_INTEGER_DOT
#define NIBBLE_INTEGER_DOT

#ifdef INTEGER_DOT

#extension GL_EXT_spirv_intrinsics : require
// Capabilities DotProductInput4x8BitPacked and DotProduct; format 0 is PackedVectorFormat4x8Bit.
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6018, 6019], id = 4450)
int signedDot(int a, int b, spirv_literal int format);

#define DotSum int
#define DotInput int
DotInput dotInput(uint fourBytes) { return int(fourBytes); }
DotSum addDot(DotInput a, DotInput b, DotSum sum) { return sum + signedDot(a, b, 0); }

#else

#define DotSum float
#define DotInput vec4
DotInput dotInput(uint fourBytes) {
    const int v = int(fourBytes);
    return vec4(bitfieldExtract(v, 0, 8), bitfieldExtract(v, 8, 8), bitfieldExtract(v, 16, 8), bitfieldExtract(v, 24, 8));
}
DotSum addDot(DotInput a, DotInput b, DotSum sum) {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

#endif

/// Of 16 bytes each.
DotSum addDot16(uvec4 a, uvec4 b, DotSum sum) {
    for (int w = 0; w < 4; ++w) sum = addDot(dotInput(a[w]), dotInput(b[w]), sum);
    return sum;
}

#endif
