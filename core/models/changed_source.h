// A model like another one but for its tensors: in other formats, rounded, scaled.
#pragma once

#include <models/model_source.h>

namespace nibble {

/// Derived classes change `m_tensors`, which begin as those of `source`; it must outlive this.
class ChangedSource : public ModelSource {
public:
    const std::filesystem::path& path() const override { return m_source.path(); }
    bool isHuggingFace() const override { return m_source.isHuggingFace(); }
    const GgufMetadata& metadata() const override { return m_source.metadata(); }
    std::span<const WeightRows> tensors() const final { return m_tensors; }
    void check() const override { m_source.check(); }
    uint64_t fileBytes() const override { return m_source.fileBytes(); }

protected:
    explicit ChangedSource(const ModelSource& source)
        : m_tensors(source.tensors().begin(), source.tensors().end()), m_source(source) {}

    std::vector<WeightRows> m_tensors;

private:
    const ModelSource& m_source;
};

} // namespace nibble
