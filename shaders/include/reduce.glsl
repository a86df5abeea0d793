// Sums over a workgroup of up to kMaxLanes invocations and any subgroup size from 4 on.
// Before including: #define REDUCED to the number of values that are summed at once.
#ifndef NIBBLE_REDUCE
#define NIBBLE_REDUCE

#extension GL_KHR_shader_subgroup_arithmetic : require

shared float subgroupSums[REDUCED * (gl_WorkGroupSize.x / 4)];

/// Hands value `index` of this invocation in; call for all indices, then barrier().
void reduceValue(uint index, float value) {
    const float sum = subgroupAdd(value);
    if (subgroupElect()) subgroupSums[index * gl_NumSubgroups + gl_SubgroupID] = sum;
}
/// After the barrier: the workgroup's sum of value `index`.
float reducedValue(uint index) {
    float sum = 0;
    for (uint i = 0; i < gl_NumSubgroups; ++i) sum += subgroupSums[index * gl_NumSubgroups + i];
    return sum;
}

#endif
