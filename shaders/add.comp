// out = a + factor * b, elementwise over rows. One value a thread; a row a group in y.
#version 460

layout(local_size_x = 128) in;

layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 1) readonly buffer B { float b[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push {
    uint aFirst, aStride, bFirst, bStride, outFirst, outStride, cols;
    float factor;
};

void main() {
    const uint col = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    if (col >= cols) return;
    outValues[outFirst + row * outStride + col] =
        a[aFirst + row * aStride + col] + factor * b[bFirst + row * bStride + col];
}
