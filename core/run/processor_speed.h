// What this computer's processor has shown, kept on disk like the verdicts on graphics cards.
#pragma once

#include <string>

namespace nibble {

/// "AMD Ryzen 5 7530U", as the system calls it.
std::string processorName();
/// Q4_0 weights read a second while writing, with the threads used by default; 0: not measured on this processor.
double knownProcessorSpeed();
void keepProcessorSpeed(double bytesPerSecond);

} // namespace nibble
