// How predictions become ranges; measured by tests/bench/preview.py.
#pragma once

#include <nibble/preview.h>
#include <quantize/divergence_probe.h>

namespace nibble {

/// Pieces from the second half of the text that compareModels() measures on, of which it reads the first: the same kind
/// of text, but not the very same. As long as its pieces, and scored in their second halves as well: models that have
/// learned from short texts lose more at later places. `tokens` in all, in pieces of kSampledPiece or one shorter one.
std::vector<std::vector<int32_t>> sampledText(const ModelSource& source, std::size_t tokens);
inline constexpr std::size_t kSampledPiece = 512;

/// The range of the mean divergence that a probe of a sample predicts. `share`: of the layers that were rounded.
Predicted divergenceRange(const ProbeResult& probe, double share);
/// Of the share of next words that stay the same. `divergence`: the range of the same probe.
Predicted agreementRange(const ProbeResult& probe, const Predicted& divergence);

/// The smallest of the stops that fit and are expected to be at least "close"; where none is, the most exact one that
/// fits. -1 where none fits.
int recommendedStop(const std::vector<StopPreview>& stops);

} // namespace nibble
