// Which experts each token of a batch chose: words that route.comp and sort_slots.comp write and the kernels of experts
// read. Slot token * used + i is expert number i of a token. `slots` is how many the buffer has room for, a multiple of
// four (RoutingPlan in core/compute/vulkan/products.h):
//     0             how many tiles there are
//     4             by slot: its expert
//     4 + slots     by slot: its expert's weight, f32
//     4 + 2 slots   the slots, those of an expert one after the other
//     4 + 3 slots   tiles: (expert, first place in that order, slots, 0), each of one expert
// Before including: #define ROUTING_BINDING, and ROUTING_ACCESS to readonly where nothing is written.
#ifndef NIBBLE_ROUTING
#define NIBBLE_ROUTING

layout(set = 0, binding = ROUTING_BINDING, std430) ROUTING_ACCESS buffer Routing { uint routing[]; };

const uint kMostExperts = 512; // VulkanLayout::kMostExperts

uint chosenAt(uint slot) { return 4 + slot; }
uint weightAt(uint slots, uint slot) { return 4 + slots + slot; }
uint orderAt(uint slots, uint place) { return 4 + 2 * slots + place; }
uint tileAt(uint slots, uint tile) { return 4 + 3 * slots + 4 * tile; }

#endif
