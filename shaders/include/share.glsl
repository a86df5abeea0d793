// Which rows a workgroup of a product multiplies: in a dense layer all weights by all tokens; with #define EXPERTS the
// weights of one expert by slots that chose it; with #define TOGETHER the weights of one of several matrices.
// Before including, after the push constants (rows, tokens, target and, with EXPERTS, Experts experts): #define
// SHARE_TOKENS to the tokens of a workgroup, in y; or SHARE_OF_SLOT where a workgroup has all of the few tokens, or the
// slot of its z, and kRows rows. With TOGETHER the push constants have parts and biased, a bit a part, instead of rows
// and target, and planesOf instead of planes.
#ifndef NIBBLE_SHARE
#define NIBBLE_SHARE

#ifdef SHARE_OF_SLOT
uint workgroupIndex() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }

#ifdef TOGETHER
uint rows = 0;
Target target;
#ifdef NIBBLE_AFFINE
Planes planes;
#endif

/// Sets all of these, and `matrix`, to the workgroup's; returns its first row.
uint enterRows() {
    const uint index = workgroupIndex();
    uint first = 0, begin = 0; // workgroups
    [[unroll]] for (uint i = 0; i < TOGETHER; ++i) {
        if (index >= begin) {
            matrix = i;
            first = begin;
            rows = parts[i].rows;
            target = Target(parts[i].outAt, parts[i].outStride, 0, 0, 0, biased >> i & 1);
#ifdef NIBBLE_AFFINE
            planes = planesOf[i];
#endif
        }
        begin += (parts[i].rows + kRows - 1) / kRows;
    }
    return (index - first) * kRows;
}
#else
uint enterRows() { return workgroupIndex() * kRows; }
#endif
#endif

struct Share {
    uint weightRow; // the first of the rows in the slice
    uint first;     // token, slot, or place in the order of slots
    uint tokens;    // or slots; 0: nothing to do
    Target target;
};

#ifdef EXPERTS

Share shareOf(uint expert, uint first, uint slots) {
    const uint own = expert - experts.first; // another slice has it: too large
    Share share = Share(own * rows, first, own < experts.count ? slots : 0, target);
    share.target.biasAt += expert * rows;
    return share;
}
#ifdef SHARE_OF_SLOT
Share workgroupShare() { return shareOf(routing[chosenAt(gl_WorkGroupID.z)], gl_WorkGroupID.z, 1); }
uint outRow(Share share, uint) { return share.first; }
#else
Share workgroupShare() {
    const uint tile = gl_WorkGroupID.y, at = tileAt(experts.slots, tile);
    if (tile >= routing[0]) return Share(0, 0, 0, target);
    return shareOf(routing[at], routing[at + 1], routing[at + 2]);
}
uint outRow(Share share, uint i) {
    return routing[orderAt(experts.slots, share.first + min(i, share.tokens - 1))];
}
#endif
uint inputRow(Share share, uint i) { return outRow(share, i) / experts.inputSlots; }

#else

#ifdef SHARE_OF_SLOT
Share workgroupShare() { return Share(0, 0, tokens, target); }
#else
Share workgroupShare() {
    const uint first = gl_WorkGroupID.y * SHARE_TOKENS;
    return Share(0, first, tokens - first, target);
}
#endif
uint outRow(Share share, uint i) { return share.first + i; }
uint inputRow(Share share, uint i) { return share.first + min(i, share.tokens - 1); }

#endif
#endif
