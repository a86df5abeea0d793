// Rotary positions: of each head `pairs` pairs of values turn, (2i, 2i + 1), or (i, i + pairs). A table that the host
// writes has (cos, sin) of each, a row a token.
#ifndef NIBBLE_ROPE
#define NIBBLE_ROPE

vec2 turned(vec2 x, vec2 turn) { return vec2(x.x * turn.x - x.y * turn.y, x.x * turn.y + x.y * turn.x); }

#endif
