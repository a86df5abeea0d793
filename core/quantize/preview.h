// How predictions become ranges; measured by tests/bench/preview.py.
#pragma once

#include <nibble/preview.h>
#include <quantize/divergence_probe.h>

namespace nibble {

/// The range of the mean divergence that a probe of a sample predicts. `share`: of the layers that were rounded.
Predicted divergenceRange(const ProbeResult& probe, double share);
/// Of the share of next words that stay the same. `divergence`: the range of the same probe.
Predicted agreementRange(const ProbeResult& probe, const Predicted& divergence);

/// The smallest of the stops that fit and are expected to be at least "close"; where none is, the most exact one that
/// fits. -1 where none fits.
int recommendedStop(const std::vector<StopPreview>& stops);

} // namespace nibble
