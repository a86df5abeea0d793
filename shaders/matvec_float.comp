// Float matrix x up to 8 vectors: include/matvec_float.glsl.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "matvec_float.glsl"
