// Factors of matmul_matrix are halves: activations shrunk so that no model's exceed their range, weights grown as much
// so that small scales stay exact. Of each four columns 0, 2, 1, 3 is the order in memory, on both sides: two masks
// make four bytes halves.
#ifndef NIBBLE_HALVES
#define NIBBLE_HALVES

const float kGrow = 16, kShrink = 1 / kGrow;

#endif
