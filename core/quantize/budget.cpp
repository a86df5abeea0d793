#include <quantize/budget.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nibble {

namespace {

constexpr uint64_t kMostUnits = uint64_t(1) << 17; // bounds time and memory, a byte for each tensor and unit

/// An option worth considering: none is both smaller and better.
struct Step {
    std::size_t option = 0;
    uint64_t extra = 0; // bytes above those of the smallest option
    double cost = 0;
};

std::vector<Step> stepsOf(const std::vector<FormatCost>& options) {
    std::vector<std::size_t> order(options.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return options[a].bytes != options[b].bytes ? options[a].bytes < options[b].bytes
                                                    : options[a].cost < options[b].cost;
    });
    std::vector<Step> steps;
    for (const std::size_t o : order)
        if (steps.empty() || options[o].cost < steps.back().cost)
            steps.push_back({o, options[o].bytes - options[order[0]].bytes, options[o].cost});
    return steps;
}

/// Spends what rounding up to whole units left over, each time where a byte gains most.
void spendRest(const std::vector<std::vector<Step>>& steps, std::vector<std::size_t>& taken, uint64_t rest) {
    for (;;) {
        std::size_t best = steps.size(), bestStep = 0;
        double most = 0;
        for (std::size_t t = 0; t < steps.size(); ++t)
            for (std::size_t s = taken[t] + 1; s < steps[t].size(); ++s) {
                const uint64_t more = steps[t][s].extra - steps[t][taken[t]].extra;
                const double gain = (steps[t][taken[t]].cost - steps[t][s].cost) / double(more);
                if (more > rest || gain <= most) continue;
                most = gain;
                best = t;
                bestStep = s;
            }
        if (best == steps.size()) return;
        rest -= steps[best][bestStep].extra - steps[best][taken[best]].extra;
        taken[best] = bestStep;
    }
}

} // namespace

uint64_t leastBytes(std::span<const std::vector<FormatCost>> options) {
    uint64_t sum = 0;
    for (const std::vector<FormatCost>& list : options)
        sum += std::ranges::min_element(list, {}, &FormatCost::bytes)->bytes;
    return sum;
}

std::vector<std::size_t> shareBudget(std::span<const std::vector<FormatCost>> options, uint64_t limit) {
    const uint64_t least = leastBytes(options);
    if (least > limit) return {};
    std::vector<std::vector<Step>> steps;
    uint64_t unit = 0, most = 0;
    for (const std::vector<FormatCost>& list : options) {
        steps.push_back(stepsOf(list));
        for (const Step& step : steps.back()) unit = std::gcd(unit, step.extra);
        most += steps.back().back().extra;
    }
    const uint64_t room = std::min(limit - least, most);
    unit = std::max<uint64_t>(unit, 1);
    if (room / unit > kMostUnits) unit = room / kMostUnits + 1;
    const std::size_t units = std::size_t(room / unit) + 1;

    // costs[u]: the least of the tensors so far with at most u units; from[t][u]: the step that tensor t takes then.
    std::vector<double> costs(units, 0.0), next(units);
    std::vector<std::vector<uint8_t>> from(steps.size(), std::vector<uint8_t>(units));
    for (std::size_t t = 0; t < steps.size(); ++t) {
        std::ranges::fill(next, INFINITY);
        for (std::size_t s = 0; s < steps[t].size(); ++s) {
            const uint64_t need = (steps[t][s].extra + unit - 1) / unit;
            for (std::size_t u = std::size_t(need); u < units; ++u) {
                const double cost = costs[u - std::size_t(need)] + steps[t][s].cost;
                if (cost >= next[u]) continue;
                next[u] = cost;
                from[t][u] = uint8_t(s);
            }
        }
        std::swap(costs, next);
    }
    std::vector<std::size_t> taken(steps.size()), chosen(steps.size());
    // Of equal costs the smaller one.
    std::size_t u = std::size_t(std::ranges::find(costs, costs.back()) - costs.begin());
    uint64_t spent = 0;
    for (std::size_t t = steps.size(); t-- > 0;) {
        taken[t] = from[t][u];
        spent += steps[t][taken[t]].extra;
        u -= std::size_t((steps[t][taken[t]].extra + unit - 1) / unit);
    }
    spendRest(steps, taken, limit - least - spent);
    for (std::size_t t = 0; t < steps.size(); ++t) chosen[t] = steps[t][taken[t]].option;
    return chosen;
}

} // namespace nibble
