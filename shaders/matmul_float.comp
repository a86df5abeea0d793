// Float matrix x many vectors: include/matmul_float.glsl.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "matmul_float.glsl"
