// Quantized matrix x up to 8 vectors on any device: include/matvec.glsl.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "matvec.glsl"
