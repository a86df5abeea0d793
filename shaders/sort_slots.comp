// Puts the slots of each expert one after the other and cuts them into tiles of at most tileTokens, for products with
// many tokens. One workgroup. Which slot of an expert comes first may differ from run to run; what each computes does
// not depend on it.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 256) in;
#define ROUTING_BINDING 0
#define ROUTING_ACCESS readonly
#include "routing.glsl"

layout(binding = 1) writeonly buffer Sorted { uint sorted[]; }; // the same words

layout(push_constant) uniform Push {
    uint experts, chosen, slots, tileTokens; // chosen: slots in use
};

shared uint counts[kMostExperts], places[kMostExperts];

uint tilesOf(uint count) { return (count + tileTokens - 1) / tileTokens; }

void main() {
    const uint lane = gl_LocalInvocationID.x;
    for (uint e = lane; e < experts; e += gl_WorkGroupSize.x) counts[e] = 0;
    barrier();
    for (uint slot = lane; slot < chosen; slot += gl_WorkGroupSize.x) atomicAdd(counts[routing[chosenAt(slot)]], 1);
    barrier();
    for (uint e = lane; e < experts; e += gl_WorkGroupSize.x) {
        uint place = 0, tile = 0;
        for (uint before = 0; before < e; ++before) {
            place += counts[before];
            tile += tilesOf(counts[before]);
        }
        places[e] = place;
        for (uint at = 0; at < counts[e]; at += tileTokens, ++tile) {
            const uint to = tileAt(slots, tile);
            sorted[to] = e;
            sorted[to + 1] = place + at;
            sorted[to + 2] = min(tileTokens, counts[e] - at);
        }
        if (e + 1 == experts) sorted[0] = tile;
    }
    barrier();
    for (uint slot = lane; slot < chosen; slot += gl_WorkGroupSize.x) {
        const uint place = atomicAdd(places[routing[chosenAt(slot)]], 1);
        sorted[orderAt(slots, place)] = slot;
    }
}
