// Measuring an importance matrix: the original reads a text, and the inputs of its matrices are squared and summed.
#pragma once

#include <models/model_source.h>
#include <nibble/progress.h>
#include <nibble/quantize.h>
#include <quantize/importance_matrix.h>
#include <stop_token>

namespace nibble {

/// resources/texts/calibrate.txt, part of the program: letters, explanations, dialogues, code and sums in a few
/// languages. It shares nothing with sampleText(), on which results are measured.
std::string_view calibrationText();

constexpr int32_t kPieceTokens = 512; // as the peer's default: dense models need no longer context

/// The text's tokens in pieces of kPieceTokens, each beginning as the model expects a text to begin; at most `most`
/// tokens in all. The last piece may be shorter. Throws Error{BadRequest} for less than 256 tokens.
std::vector<std::vector<int32_t>> piecesOf(const ModelSource& source, const std::string& text, int64_t most);

struct CalibrationText {
    std::string name, text;
    std::string hash() const; // SHA-256
};
CalibrationText calibrationTextOf(const CalibrationOptions& options);

struct CalibrationPieces {
    std::string name, hash; // of the text
    /// Tokens in pieces of kPieceTokens, each beginning as the model expects a text to begin; the last may be shorter.
    std::vector<std::vector<int32_t>> pieces;
};
/// Throws Error{BadRequest} for a text that is too short to say anything.
CalibrationPieces calibrationPieces(const ModelSource& source, const CalibrationOptions& options);

/// Runs the source over the text in pieces of 512 tokens, each a text of its own, layer by layer. Needs
/// layerReaderMemory(); weights in half precision are used where they lie in the file. Throws Error{Unsupported} for a
/// model that Nibble cannot run, Error{BadRequest} for a text that is too short to say anything.
ImportanceMatrix measureImportance(const ModelSource& source, const CalibrationOptions& options, int32_t threads,
                                   const ProgressFn& progress, std::stop_token stop);

} // namespace nibble
