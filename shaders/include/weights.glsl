// The bytes of a slice as numbers, pairs and quadruples of words: wide loads are what memory wants. With #define TOGETHER
// to a number, there are as many matrices, and these are the bytes of the workgroup's.
// Before including: #define WEIGHTS_BINDING.
#ifndef NIBBLE_WEIGHTS
#define NIBBLE_WEIGHTS

#ifdef TOGETHER
uint matrix = 0; // the workgroup's: share.glsl
layout(set = 0, binding = WEIGHTS_BINDING, std430) readonly buffer Weights1 { uint words[]; } matrices1[TOGETHER];
layout(set = 0, binding = WEIGHTS_BINDING, std430) readonly buffer Weights2 { uvec2 words[]; } matrices2[TOGETHER];
layout(set = 0, binding = WEIGHTS_BINDING, std430) readonly buffer Weights4 { uvec4 words[]; } matrices4[TOGETHER];
#define weights1 matrices1[matrix].words
#define weights2 matrices2[matrix].words
#define weights4 matrices4[matrix].words
#else
layout(set = 0, binding = WEIGHTS_BINDING, std430) readonly buffer Weights1 { uint weights1[]; };
layout(set = 0, binding = WEIGHTS_BINDING, std430) readonly buffer Weights2 { uvec2 weights2[]; };
layout(set = 0, binding = WEIGHTS_BINDING, std430) readonly buffer Weights4 { uvec4 weights4[]; };
#endif

#endif
