// As matvec.comp, of up to three matrices.
#version 460
#extension GL_GOOGLE_include_directive : require
#define TOGETHER 3
#include "matvec.glsl"
