// What a model can run on.
#pragma once

#include <cstdint>
#include <nibble/progress.h>
#include <string>
#include <vector>

namespace nibble {

struct DeviceInfo {
    std::string id;              // "cpu", "gpu0"
    std::string name;            // "AMD EPYC", "NVIDIA GeForce RTX 4070"
    std::string kind;            // "processor", "graphics card", "integrated graphics", "software"
    std::string driver;          // instruction set for the CPU, driver and version for a GPU
    uint64_t memoryBytes = 0;    // installed
    uint64_t availableBytes = 0; // free now, with what the desktop needs kept back
    int32_t threads = 0;         // CPU: physical cores that Nibble uses by default
    bool usable = true;
    std::string whyNot; // plain words where not usable
};

/// What a model shall run on.
struct DeviceChoice {
    std::string device;     // an id; "": automatic
    int32_t gpuLayers = -1; // layers on the graphics card, counted from the last; 0: none, -1: automatic
};

/// The CPU first. Never throws.
std::vector<DeviceInfo> listDevices();

// --- Graphics cards are used only for what they have shown in a self-test, which runs in a process of its own: drivers
// crash.

/// The program, and arguments, that is run with a device's uuid as its last argument and calls testCard(). Until this
/// is set, cards that have not been tested are used only where they are asked for.
void setCardTestCommand(std::vector<std::string> command);
/// Tests a card in this process and prints progress and verdict to standard output, a JSON object a line. Throws
/// Error{NotFound} where there is no such card.
void testCard(const std::string& uuid);

/// One group of operations that a card was tested with.
struct CardCheck {
    std::string what;
    double error = 0;    // mean squared, relative
    std::string problem; // empty: right
};
/// What the self-test of a card found, and what Nibble makes of it.
struct CardReport {
    DeviceInfo device;
    bool tested = false, worthUsing = false;
    std::string conclusion;                       // plain words: used, or why not
    bool integerDot = false, matrixUnits = false; // used
    std::vector<CardCheck> checks;
    // Of four-bit weights: bytes a second while writing (decode), multiply-adds a second while reading (prefill).
    double cardBytesPerSecond = 0, cardMacsPerSecond = 0, processorBytesPerSecond = 0, processorMacsPerSecond = 0;
    double uploadBytesPerSecond = 0; // of weights from the computer's memory to the card; 0: not measured
};
/// Every card, tested where it has not been yet or where `again`. `whyNone`: plain words where there is no card at all.
std::vector<CardReport> examineCards(bool again, std::string& whyNone, const ProgressFn& progress = {},
                                     std::stop_token stop = {});

/// What this build can do fast, a line each: for --version.
std::vector<std::string> fastPaths();

} // namespace nibble
