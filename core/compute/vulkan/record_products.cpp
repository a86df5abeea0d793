#include <algorithm>
#include <cassert>
#include <compute/vulkan/record_products.h>
#include <initializer_list>

namespace nibble {

namespace {

Range part(const Range& range, uint64_t offset, uint64_t bytes) {
    assert(offset + bytes <= range.bytes);
    Range r = range;
    r.offset += offset;
    r.bytes = bytes;
    if (r.mapped) r.mapped += offset;
    return r;
}

FloatRows floatRows(const GpuRows& rows) { return {rows.first, rows.stride}; }

void record(Recorder& recorder, const KernelCall& call, std::span<const Range> ranges, double cost) {
    recorder.dispatchBytes(call.kernel, std::span(call.constants).first(call.constantCount), ranges,
                           std::as_bytes(std::span(call.push).first(call.pushCount)),
                           {call.groupsX, call.groupsY, call.groupsZ}, cost);
}

} // namespace

ProductTuning productTuning(const Gpu& gpu) {
    const PhysicalDevice& d = gpu.physical();
    return productTuning({d.vendor, d.subgroupSize, d.info.type == VulkanDeviceType::Software, gpu.integerDot(),
                          gpu.matrixUnits() ? d.matrixLanes : 0});
}

QuantizedInput quantizedInput(const Range& scratch, int64_t rows, int64_t cols, int terms) {
    const QuantizedInputPlan plan = planQuantizedInput(rows, cols, terms);
    return {part(scratch, 0, plan.codesBytes), part(scratch, plan.factorsAt, plan.factorsBytes)};
}

bool recordProducts(Recorder& recorder, const ProductTuning& tuning, const GpuRows& in, int64_t cols,
                    const Range& scratch, bool isQuantized, std::span<const GpuProduct> products,
                    const ExpertSlots* experts, const Range& routing) {
    QuantizedInput q;
    const bool wanted = std::ranges::any_of(products, [](const GpuProduct& p) { return p.layout->quantized(); });
    if (wanted) q = quantizedInput(scratch, in.rows, cols, tuning.terms);
    if (wanted && !isQuantized) {
        const Range ranges[] = {in.range, q.codes, q.factors};
        record(recorder, planQuantizeRows(floatRows(in), in.rows, cols, tuning.terms), ranges,
               double(in.rows) * double(cols));
    }
    Range halves;
    if (std::ranges::any_of(products,
                            [&](const GpuProduct& p) { return takesHalves(tuning, *p.layout, in.rows, experts); })) {
        const HalvesPlan plan = planHalves(in.rows, cols, tuning.terms);
        halves = part(scratch, plan.at, plan.bytes);
        record(recorder, planHalveRows(in.rows, cols, tuning.terms), std::array{q.codes, q.factors, halves},
               double(in.rows) * double(cols));
    }
    for (const GpuProduct& p : products) {
        assert(p.layout->cols == cols && p.out.rows == (experts ? experts->chosen : in.rows));
        ProductOut out;
        out.out = floatRows(p.out);
        out.residual = floatRows(p.residual);
        out.hasBias = p.bias.bytes > 0;
        out.hasResidual = p.residual.rows > 0;
        assert(!experts || !out.hasResidual);
        for (const GpuSlice& slice : p.layout->slices) {
            const Range weight = part(p.weight, slice.offset, slice.bytes);
            const Range bias = out.hasBias ? p.bias : weight, residual = out.hasResidual ? p.residual.range : weight;
            const KernelCall call = planProduct(tuning, *p.layout, slice, floatRows(in), in.rows, out, experts);
            const double macs = experts ? double(p.layout->planeRows) * experts->chosen : double(slice.rows) * in.rows;
            const double cost = double(slice.bytes) + macs * double(cols) * tuning.terms;
            std::array<Range, 7> ranges;
            std::size_t count = 0;
            const auto bind = [&](std::initializer_list<Range> more) {
                for (const Range& range : more) ranges[count++] = range;
            };
            bind({weight});
            if (takesHalves(tuning, *p.layout, in.rows, experts))
                bind({halves});
            else if (p.layout->quantized())
                bind({q.codes, q.factors});
            else
                bind({in.range});
            bind({p.out.range, bias, residual});
            if (experts) bind({routing});
            record(recorder, call, std::span(ranges).first(count), cost);
        }
    }
    return wanted || isQuantized;
}

} // namespace nibble
