// As matvec_float.comp, each slot by the weights of its expert.
#version 460
#extension GL_GOOGLE_include_directive : require
#define EXPERTS
#include "matvec_float.glsl"
