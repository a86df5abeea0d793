// Opening a model in two steps: describe whatever the files say, then insist that Nibble can use it. Private to
// core/models.
#pragma once

#include <filesystem>
#include <memory>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <optional>
#include <string>
#include <vector>

namespace nibble {

/// A model as far as its files describe it.
struct DescribedModel {
    std::unique_ptr<ModelSource> source;
    std::vector<TensorSummary> tensors; // all weights, also those in formats that source->tensors() has to leave out
    std::vector<std::string> warnings;
    std::optional<Error> problem; // why source must be neither run nor copied
    bool hasChatTemplate = false;
};

/// Throws Error{NotFound, BadFile} as openModel() does, but only describes what is sound and merely unsupported.
DescribedModel describeModel(const std::filesystem::path& path);
DescribedModel describeGguf(const std::filesystem::path& path);
DescribedModel describeHuggingFace(const std::filesystem::path& folder);

} // namespace nibble
