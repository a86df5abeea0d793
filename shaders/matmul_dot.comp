// Quantized matrix x many vectors on devices with integer dot products: include/matmul.glsl.
#version 460
#extension GL_GOOGLE_include_directive : require
#define INTEGER_DOT
#include "matmul.glsl"
