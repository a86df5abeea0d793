// What the self-test runs: the same calls on any backend, returning all results.
#pragma once

#include <compute/backend.h>
#include <vector>

namespace nibble {

/// A group of operations. Called with a fresh backend.
struct OperationCheck {
    const char* what;
    std::vector<float> (*run)(Backend& backend);
};
/// All operations but those with weights of a format.
std::span<const OperationCheck> operationChecks();

/// Products and embedding rows of a random matrix of that format, for 1 to 70 tokens, also of what a norm or a gate has
/// just written: every kernel that a model with such weights needs.
std::vector<float> runFormatCheck(Backend& backend, FormatId format);

/// A layer of experts with such weights, for one token and for many: the choice, products, the gate of gpt-oss, the
/// sum.
std::vector<float> runExpertsCheck(Backend& backend, FormatId format);

/// Gated delta nets, over a prompt and single tokens, with states set aside in between.
std::vector<float> runRecurrentCheck(Backend& backend);

/// sum (a - b)^2 / sum b^2
template<class A, class B>
double nmse(const A& a, const B& b) {
    double error = 0, power = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        error += (double(a[i]) - double(b[i])) * (double(a[i]) - double(b[i]));
        power += double(b[i]) * double(b[i]);
    }
    return power > 0 ? error / power : error;
}

/// A matrix of random weights.
WeightRows randomMatrix(FormatId format, int64_t rows, int64_t cols, uint32_t seed);

} // namespace nibble
