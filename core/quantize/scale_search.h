// Which channel scales make a model's matrices easiest to round: for every input that some matrices share,
// s = x^a / sqrt(w), where x is the root mean square of a channel and w that of the weights that it is multiplied with.
// Of a = 0, 0.1 ... 0.8 and half a step beside the best one, that is taken which leaves the least error in what the
// matrices put out, when a sample of their rows is rounded into the formats that they will have, and a sample of their
// inputs to 8 bits as engines do. AWQ (Lin et al. 2023) has mean(|x|)^a and looks at weights only; SmoothQuant (Xiao et
// al. 2022) max(|x|)^a / max(|w|)^(1-a). Weights and inputs gain from the same scales: in Q8_0 SmolLM2 loses half of
// what it loses without. Private to core/quantize.
#pragma once

#include <models/architecture.h>
#include <nibble/progress.h>
#include <quantize/channel_scales.h>
#include <quantize/moment_source.h>

namespace nibble {

/// Matrices that read the same input, and what produces it.
struct ScaledInput {
    std::vector<std::size_t> consumers; // tensors of the source, in its order
    std::vector<std::string> producers; // a norm, or a matrix and its bias
    /// The producer's channels in runs of this many, each of which `repeats` runs of the input are made of, one after
    /// the other: heads that share values.
    int64_t run = 0, repeats = 1;
};
/// Those whose producers can be divided: queries, keys and values into their norm, gate and up into theirs, down into
/// up, the attention's output into the values. None for layers of other kinds.
std::vector<ScaledInput> scaledInputs(const ModelSource& source, const ModelPlan& plan);

/// Rows of a matrix that are rounded in the search, all in all.
constexpr int64_t kSearchedRows = 12 * 32;

/// `formats`: of each of the source's tensors, as it will be rounded. `importance` may be null, as in the rounding
/// itself. `feedback`: whether the rounding makes up for errors (ErrorFeedback), so that less of them is left.
/// `leastBits`: inputs of any matrix with fewer are left as they are. Throws Error{Canceled} and as LayerReader.
ChannelScales searchScales(const ModelSource& source, std::span<const Format* const> formats,
                           const ImportanceMatrix* importance, bool feedback, int leastBits,
                           const CalibrationOptions& text, ThreadPool& pool, const ProgressFn& progress,
                           const std::stop_token& stop);

} // namespace nibble
