// out = sigmoid(gate of the row) * in; in and out are the same values. One value a thread; a row a group in y.
#version 460

layout(local_size_x = 128) in;

layout(binding = 0) readonly buffer Gate { float gate[]; };
layout(binding = 1) readonly buffer In { float inValues[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint gateFirst, first, stride; };

void main() {
    const uint col = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y, at = first + row * stride + col;
    if (col >= stride) return;
    outValues[at] = inValues[at] / (1 + exp(min(-gate[gateFirst + row], 80)));
}
