// What is known of the inputs of a tensor when its weights are rounded, and rounding with it. Private to core/quantize.
#pragma once

#include <models/model_source.h>
#include <quantize/error_feedback.h>
#include <quantize/quantize.h>

namespace nibble {

struct Knowledge {
    std::vector<float> importance; // (planes, cols), or empty
    std::shared_ptr<const ErrorFeedback> feedback;
};

/// Of one of the source's tensors that is to become `to`: as learned from a text, or what the weights tell. To be asked
/// in the order of the tensors (FeedbackSource).
Knowledge knowledgeOf(const ModelSource& source, std::size_t tensor, const Format& to, const Learned& learned,
                      ThreadPool& pool);

/// Writes rows [first, end) of a plane to `out` as `to`, to.rowBytes(tensor.cols) apart. `scratch` is reused.
void encodeRows(const WeightRows& tensor, int plane, int64_t first, int64_t end, const Format& to,
                const Knowledge& knowledge, std::byte* out, std::vector<float>& scratch);

} // namespace nibble
