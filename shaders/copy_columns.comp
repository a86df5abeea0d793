// out = some columns of in. One value a thread; a row a group in y.
#version 460

layout(local_size_x = 128) in;

layout(binding = 0) readonly buffer In { float inValues[]; };
layout(binding = 1) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint inFirst, inStride, outFirst, outStride, cols; };

void main() {
    const uint col = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    if (col < cols) outValues[outFirst + row * outStride + col] = inValues[inFirst + row * inStride + col];
}
