// What the self-test of a graphics card found: run in a helper process, since drivers crash, and kept on disk until the
// card, its driver or our kernels change.
#pragma once

#include <compute/self_test/self_test.h>
#include <nibble/devices.h>
#include <optional>

namespace nibble {

struct CardVerdict {
    bool usable = false;
    std::string whyNot; // plain words
    SelfTest test;      // empty where the helper did not come to its end
};

/// Tests a card: testInHelper(), with the progress and stop of who waits for it.
using CardTester = std::function<CardVerdict(const VulkanDevice& card)>;

/// What is known of a card. Looks on disk until something is.
std::optional<CardVerdict> knownVerdict(const VulkanDevice& card);
/// Tests the card in the helper process and keeps the verdict: also that the driver crashed or hung. Throws Error{Io}
/// where there is no helper, Error{Canceled}.
CardVerdict testInHelper(const VulkanDevice& card, const ProgressFn& progress, const std::stop_token& stop);
/// Whether testInHelper() can be called: setCardTestCommand() was.
bool canTestCards();

/// Whether the card may be used where it is asked for, with what is known of it. Else the reason in `why`.
bool mayUse(const VulkanDevice& card, const std::optional<CardVerdict>& verdict, std::string& why);
/// Whether the card is worth using without being asked for: it has shown that it reads and writes faster than the
/// processor. Else the reason in `why`.
bool worthUsing(const VulkanDevice& card, const CardVerdict& verdict, std::string& why);

} // namespace nibble
