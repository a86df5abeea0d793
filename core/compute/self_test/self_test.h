// Whether a graphics card computes what the processor computes, and how fast. Drivers are known to promise features
// that give wrong results, so a card is used only for what it has shown here.
//
// Every operation of Backend runs on the card and on the scalar reference with the same random values. A driver may
// crash or hang on the way: run it in a process of its own (run/card_test.h does).
#pragma once

#include <compute/vulkan/vulkan.h>
#include <nibble/progress.h>

namespace nibble {

class ThreadPool;

/// Models that need a group of operations: all, those with weights of a format, with experts, with recurrent layers.
enum class NeededBy : uint8_t { EveryModel, Format, Experts, Recurrent };

/// A group of operations, compared.
struct KernelCheck {
    std::string what; // "attention", "Q4_0", "Q4_0, integer dot products", "Q4_0, matrix units", "experts, Q4_K"
    NeededBy neededBy = NeededBy::EveryModel;
    FormatId format = FormatId::F32;
    bool integerDot = false, matrixUnits = false; // tested with these
    double error = 0;                             // mean squared error over mean square, of all results
    std::string problem;                          // empty: right. In plain words
};

/// Q4_0 weights: bytes read in a second while one token is computed, multiply-adds in a second while a prompt is.
struct ComputeSpeed {
    double weightBytes = 0, macs = 0;
    double uploadBytes = 0; // taken over in a second, from the host's memory
};

/// Computes for about half a second with a backend that holds nothing yet. Throws Error{Canceled}, and what it throws.
ComputeSpeed measureSpeed(Backend& backend, const std::stop_token& stop);

struct SelfTest {
    std::vector<KernelCheck> checks;
    // The card's are right for every format, and not slower than doing without.
    bool integerDot = false, matrixUnits = false;
    ComputeSpeed card, processor;

    /// Whether an operation that every model needs went wrong: the first such check, or null.
    const KernelCheck* failure() const;
    /// Formats whose products are wrong: models with such weights do not run on the card.
    std::vector<FormatId> refusedFormats() const;
    /// Whether layers of experts are wrong: models with them do not run on the card.
    bool refusesExperts() const { return refuses(NeededBy::Experts); }
    /// The same of recurrent layers.
    bool refusesRecurrent() const { return refuses(NeededBy::Recurrent); }

private:
    bool refuses(NeededBy models) const;
    /// Wrong, and in a way in which the card would be used.
    bool matters(const KernelCheck& check) const {
        return !check.problem.empty() && (!check.integerDot || integerDot) && (!check.matrixUnits || matrixUnits);
    }
};

/// Tests a card, opened with `options`, on this process's threads, in some seconds. Errors of the device are results;
/// throws Error{NotFound} where it is not there, Error{Canceled}.
SelfTest testCard(ThreadPool& pool, const VulkanDevice& card, const VulkanOptions& options, const ProgressFn& progress,
                  std::stop_token stop);
/// Error up to which results count as right: above what rounding explains, far below what a wrong kernel gives.
inline constexpr double kLargestError = 1e-5;

} // namespace nibble
