// Which channel scales make a model's matrices easiest to round: for every input that some matrices share, s = rms^a of
// its channels (AWQ's paper takes the mean of |x|), with the a of 0, 0.05 ... 1 that leaves the least error in what the
// matrices put out, when a sample of their rows is rounded into the formats that they will have. Private to
// core/quantize.
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

/// `formats`: of each of the source's tensors, as it will be rounded. `importance` may be null, as in the rounding
/// itself. Throws Error{Canceled} and as readThrough().
ChannelScales searchScales(const ModelSource& source, std::span<const Format* const> formats,
                           const ImportanceMatrix* importance, const CalibrationOptions& text, ThreadPool& pool,
                           const ProgressFn& progress, const std::stop_token& stop);

} // namespace nibble
