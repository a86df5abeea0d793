// As matvec_dot.comp, of up to three matrices.
#version 460
#extension GL_GOOGLE_include_directive : require
#define INTEGER_DOT
#define TOGETHER 3
#include "matvec.glsl"
