// Which rows a workgroup of a product multiplies: in a dense layer all weights by all tokens; with #define EXPERTS the
// weights of one expert by slots that chose it.
// Before including, after the push constants (rows, tokens, target and, with EXPERTS, Experts experts): #define
// SHARE_TOKENS to the tokens of a workgroup, in y; or SHARE_OF_SLOT where a workgroup has all of the few tokens, or the
// slot of its z.
#ifndef NIBBLE_SHARE
#define NIBBLE_SHARE

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
