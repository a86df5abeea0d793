// What products of layers of experts (#define EXPERTS) have beside those of dense layers: the routing, bound behind the
// target, and a part of their push constants. Before including: target.glsl.
#if defined(EXPERTS) && !defined(NIBBLE_EXPERTS)
#define NIBBLE_EXPERTS

#define ROUTING_BINDING (TARGET_BINDING + 3)
#define ROUTING_ACCESS readonly
#include "routing.glsl"

struct Experts {
    uint first, count; // of the slice
    uint inputSlots;   // slots that share a row of the input: all of a token, or 1
    uint slots;        // room in the routing buffer
};

#endif
