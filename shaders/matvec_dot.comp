// Quantized matrix x up to 8 vectors on devices with integer dot products: include/matvec.glsl.
#version 460
#extension GL_GOOGLE_include_directive : require
#define INTEGER_DOT
#include "matvec.glsl"
