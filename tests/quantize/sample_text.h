// A text to calibrate on that is read in no time.
#pragma once

#include <filesystem>
#include <fstream>
#include <quantize/calibrate.h>

namespace nibble::test {

/// The beginning of the built-in text as a file in `folder`, so that tests do not read the whole.
inline CalibrationOptions sampleIn(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "sample.txt";
    std::ofstream(path) << calibrationText().substr(0, 2000);
    return {.text = path, .tokens = 500};
}

} // namespace nibble::test
