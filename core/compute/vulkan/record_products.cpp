#include <algorithm>
#include <cassert>
#include <compute/vulkan/record_products.h>
#include <vector>

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

/// An input in the forms that kernels read.
struct Input {
    GpuRows rows;
    QuantizedInput quantized;
    Range halves;
};

/// What a dispatch binds.
struct Bindings {
    std::array<Range, kMostBuffers> ranges;
    std::size_t count = 0;
    void add(const Range& range) { ranges[count++] = range; }
    void addInput(const Input& input, bool quantized) {
        if (!quantized) return add(input.rows.range);
        add(input.quantized.codes);
        add(input.quantized.factors);
    }
    std::span<const Range> all() const { return std::span(ranges).first(count); }
};

ProductOut outOf(const GpuProduct& p) {
    return {floatRows(p.out), floatRows(p.residual), p.bias.bytes > 0, p.residual.rows > 0};
}
ProductPart partOf(const GpuProduct& p) { return {p.layout, outOf(p)}; }

double costOf(const GpuSlice& slice, double rows, int64_t cols, int terms) {
    return double(slice.bytes) + rows * double(cols) * terms;
}

void recordSlice(Recorder& recorder, const ProductTuning& tuning, const Input& input, const GpuProduct& p,
                 const GpuSlice& slice, const ExpertSlots* experts, const Range& routing) {
    const GpuLayout& layout = *p.layout;
    const ProductOut out = outOf(p);
    assert(!experts || !out.hasResidual);
    const Range weight = part(p.weight, slice.offset, slice.bytes);
    Bindings bindings;
    bindings.add(weight);
    if (takesHalves(tuning, layout, input.rows.rows, experts))
        bindings.add(input.halves);
    else
        bindings.addInput(input, layout.quantized());
    bindings.add(p.out.range);
    bindings.add(out.hasBias ? p.bias : weight);
    bindings.add(out.hasResidual ? p.residual.range : weight);
    if (experts) bindings.add(routing);
    const double rows = experts ? double(layout.planeRows) * experts->chosen : double(slice.rows) * input.rows.rows;
    record(recorder, planProduct(tuning, layout, slice, floatRows(input.rows), input.rows.rows, out, experts),
           bindings.all(), costOf(slice, rows, layout.cols, tuning.terms));
}

void recordTogether(Recorder& recorder, const ProductTuning& tuning, const Input& input,
                    std::span<const GpuProduct* const> products) {
    std::array<ProductPart, kMostTogether> parts;
    double cost = 0;
    for (std::size_t i = 0; i < products.size(); ++i) {
        parts[i] = partOf(*products[i]);
        const GpuSlice& slice = products[i]->layout->slices[0];
        cost += costOf(slice, double(slice.rows) * input.rows.rows, products[i]->layout->cols, tuning.terms);
    }
    Bindings bindings;
    const auto addOfEach = [&](auto rangeOf) {
        for (std::size_t i = 0; i < kMostTogether; ++i) bindings.add(rangeOf(*products[i < products.size() ? i : 0]));
    };
    const auto weightOf = [](const GpuProduct& p) {
        return part(p.weight, p.layout->slices[0].offset, p.layout->slices[0].bytes);
    };
    addOfEach(weightOf);
    bindings.addInput(input, products[0]->layout->quantized());
    addOfEach([](const GpuProduct& p) { return p.out.range; });
    addOfEach([&](const GpuProduct& p) { return p.bias.bytes > 0 ? p.bias : weightOf(p); });
    record(recorder,
           planTogether(tuning, std::span(parts).first(products.size()), floatRows(input.rows), input.rows.rows),
           bindings.all(), cost);
}

} // namespace

ProductTuning productTuning(const Gpu& gpu) {
    const PhysicalDevice& d = gpu.physical();
    return productTuning({d.vendor, d.subgroupSize, d.info.type == VulkanDeviceType::Software, gpu.integerDot(),
                          gpu.matrixUnits() ? d.matrixLanes : 0, d.bufferArrays});
}

QuantizedInput quantizedInput(const Range& scratch, int64_t rows, int64_t cols, int terms) {
    const QuantizedInputPlan plan = planQuantizedInput(rows, cols, terms);
    return {part(scratch, 0, plan.codesBytes), part(scratch, plan.factorsAt, plan.factorsBytes)};
}

bool recordProducts(Recorder& recorder, const ProductTuning& tuning, const GpuRows& in, int64_t cols,
                    const Range& scratch, bool isQuantized, std::span<const GpuProduct> products,
                    const ExpertSlots* experts, const Range& routing) {
    Input input{in, {}, {}};
    const bool wanted = std::ranges::any_of(products, [](const GpuProduct& p) { return p.layout->quantized(); });
    if (wanted) input.quantized = quantizedInput(scratch, in.rows, cols, tuning.terms);
    const auto& [codes, factors] = input.quantized;
    if (wanted && !isQuantized)
        record(recorder, planQuantizeRows(floatRows(in), in.rows, cols, tuning.terms),
               std::array{in.range, codes, factors}, double(in.rows) * double(cols));
    if (std::ranges::any_of(products,
                            [&](const GpuProduct& p) { return takesHalves(tuning, *p.layout, in.rows, experts); })) {
        const HalvesPlan plan = planHalves(in.rows, cols, tuning.terms);
        input.halves = part(scratch, plan.at, plan.bytes);
        record(recorder, planHalveRows(in.rows, cols, tuning.terms), std::array{codes, factors, input.halves},
               double(in.rows) * double(cols));
    }
    std::vector<const GpuProduct*> left;
    for (const GpuProduct& p : products) {
        assert(p.layout->cols == cols && p.out.rows == (experts ? experts->chosen : in.rows));
        left.push_back(&p);
    }
    while (!left.empty()) {
        const GpuProduct& first = *left[0];
        // Those that share a dispatch with the first, to the front.
        const auto rest = std::stable_partition(left.begin(), left.end(), [&](const GpuProduct* p) {
            return p == &first || (!experts && mayGoTogether(tuning, partOf(first), partOf(*p), in.rows));
        });
        const auto count = std::min(std::size_t(rest - left.begin()), kMostTogether);
        if (count > 1)
            recordTogether(recorder, tuning, input, std::span(left).first(count));
        else
            for (const GpuSlice& slice : first.layout->slices)
                recordSlice(recorder, tuning, input, first, slice, experts, routing);
        left.erase(left.begin(), left.begin() + std::ptrdiff_t(count));
    }
    return wanted || isQuantized;
}

} // namespace nibble
