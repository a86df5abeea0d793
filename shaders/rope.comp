// Turns pairs of values of each head in place: (a, b) -> (a cos - b sin, a sin + b cos), with the batch's table of
// (cos, sin), a row a token, that the host writes. Pairs are (2i, 2i + 1), or (i, i + pairs). One pair a thread; a row a
// group in y.
#version 460

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kNeox = 0;

layout(binding = 0) readonly buffer In { float inValues[]; };
layout(binding = 1) readonly buffer Table { vec2 table[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint first, stride, heads, headDim, pairs, tableFirst; };

void main() {
    const uint at = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    if (at >= heads * pairs) return;
    const uint head = at / pairs, i = at % pairs, base = first + row * stride + head * headDim;
    const uint ia = base + (kNeox == 1 ? i : 2 * i), ib = ia + (kNeox == 1 ? pairs : 1);
    const vec2 turn = table[tableFirst + row * pairs + i];
    const float a = inValues[ia], b = inValues[ib];
    outValues[ia] = a * turn.x - b * turn.y;
    outValues[ib] = a * turn.y + b * turn.x;
}
