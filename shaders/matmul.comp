// Quantized matrix x many vectors on any device: include/matmul.glsl.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "matmul.glsl"
