// The quality passport of a smaller model: what was measured of it, kept in the file itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/compare.h>
#include <nibble/progress.h>
#include <optional>
#include <string>
#include <string_view>

namespace nibble {

inline constexpr std::string_view kPassportPrefix = "nibble.passport."; // of the keys in a GGUF file

/// As keys of a GGUF file. How the model was made is told by the keys that quantizing writes
/// (nibble.recipe, nibble.method, nibble.source_format, quantize.imatrix.*, nibble.calibration_sha256). Hashes are
/// SHA-256 as hexadecimal digits.
struct Passport {
    std::string weightsHash, sourceHash; // of all tensors of this model, and of its original: see weightsHash()
    std::string text, textHash;          // what was measured on: its name, and the hash of its bytes
    int32_t tokens = 0;                  // scored
    double wordAgreement = 0, agreementLow = 0, agreementHigh = 0; // as in CompareReport
    double meanDivergence = 0, logPerplexityRatio = 0;
    int32_t drift = 0;
    std::string verdict;
    std::string version, measuredAt; // of Nibble; UTC
};

/// What a file says of itself, without a look at its weights; none where it has no passport. Throws Error{BadFile}
/// where the keys are damaged, NotFound.
std::optional<Passport> readPassport(const std::filesystem::path& model);

/// Reads all weights: whether they are those that the passport was written for. The file must have one.
bool passportHolds(const std::filesystem::path& model, const ProgressFn& progress = {}, std::stop_token stop = {});

/// Writes what `report` says of `model` and `original` into the model's file, in place of an older passport. The file
/// is replaced as a whole, or stays as it was. Throws Error{BadRequest} where nothing was measured or the report is of
/// other models, Error{Unsupported} for what is not one .gguf file, Error{NoSpace, Io, Canceled}.
Passport writePassport(const std::filesystem::path& model, const std::filesystem::path& original,
                       const CompareReport& report, const ProgressFn& progress = {}, std::stop_token stop = {});

} // namespace nibble
