// As matmul.comp, each expert's weights by the slots that chose it.
#version 460
#extension GL_GOOGLE_include_directive : require
#define EXPERTS
#include "matmul.glsl"
