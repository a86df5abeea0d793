// A text to calibrate on that is read in no time.
#pragma once

#include <filesystem>
#include <fstream>
#include <quantize/calibrate.h>

namespace nibble::test {

/// The beginning of the built-in text as a file in `folder`, so that tests do not read the whole.
inline CalibrationOptions sampleIn(const std::filesystem::path& folder, std::size_t bytes = 2000,
                                   int32_t tokens = 500) {
    const std::filesystem::path path = folder / "sample.txt";
    std::ofstream(path) << calibrationText().substr(0, bytes);
    return {.text = path, .tokens = tokens};
}

} // namespace nibble::test
