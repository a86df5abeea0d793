// How fast this computer writes: a test of two seconds, and what it means for a model of a common size.
#pragma once

#include <nibble/devices.h>

namespace nibble {

/// The model that is spoken of: four billion weights in Q4_0, the most that an office computer with 8 GB runs well.
inline constexpr double kReferenceWeights = 4e9, kReferenceBits = 4.5;

struct SpeedReport {
    std::string device, name;           // what models run on by themselves: id and name of the processor or of a card
    std::string whyNoCard;              // in plain words why not on a graphics card, or ""
    double processorBytesPerSecond = 0; // Q4_0 weights that are read while writing, measured now
    double bytesPerSecond = 0;          // the same of `device`: of a card in its self-test
    double tokensPerSecond = 0;         // forecast for the model that is spoken of: bytesPerSecond / its bytes
    double seconds = 0;                 // that this took
};

/// Lets the processor, and graphics cards that have not been tested yet, compute for a moment. The processor's speed is
/// kept for estimates (Forecast). Throws Error{Canceled}.
SpeedReport measureThisComputer(const ProgressFn& progress = {}, std::stop_token stop = {});

} // namespace nibble
