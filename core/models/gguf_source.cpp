#include <algorithm>
#include <files/gguf.h>
#include <models/described_model.h>

namespace nibble {

namespace {

class GgufSource final : public ModelSource {
public:
    explicit GgufSource(const std::filesystem::path& path) : m_file(path) {
        for (const GgufTensor& tensor : m_file.tensors())
            if (tensor.data) m_tensors.push_back(rowsOf(tensor));
    }

    const GgufFile& file() const { return m_file; }
    const std::filesystem::path& path() const override { return m_file.path(); }
    bool isHuggingFace() const override { return false; }
    const GgufMetadata& metadata() const override { return m_file.metadata(); }
    std::span<const WeightRows> tensors() const override { return m_tensors; }
    void check() const override { m_file.check(); }
    uint64_t fileBytes() const override { return m_file.fileBytes(); }

private:
    WeightRows rowsOf(const GgufTensor& tensor) const {
        WeightRows rows;
        rows.name = tensor.name;
        rows.format = findFormat(tensor.type)->id;
        rows.cols = tensor.shape[0];
        rows.rows = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
        rows.dims = int(std::min<std::size_t>(tensor.shape.size(), 3));
        rows.owner = m_file.owner();
        const uint64_t planeBytes = rows.rowBytes() * uint64_t(rows.rows);
        for (uint64_t at = 0; at < tensor.bytes; at += planeBytes) rows.planes.push_back(tensor.data + at);
        return rows;
    }

    GgufFile m_file;
    std::vector<WeightRows> m_tensors;
};

} // namespace

DescribedModel describeGguf(const std::filesystem::path& path) {
    DescribedModel model;
    auto source = std::make_unique<GgufSource>(path);
    const GgufMetadata& metadata = source->metadata();
    for (const GgufTensor& tensor : source->file().tensors()) {
        const std::string typeName(tensor.data ? findFormat(tensor.type)->name : ggufTypeName(tensor.type));
        model.tensors.push_back({tensor.name, typeName, tensor.shape, tensor.bytes});
        if (!tensor.data && !model.problem)
            model.problem = Error(ErrorKind::Unsupported,
                                  "This model uses the weight format " + typeName + ", which Nibble cannot read yet.",
                                  metadata.origin + ": " + tensor.name, "Choose another version of this model.");
    }
    model.hasChatTemplate = metadata.find("tokenizer.chat_template") != nullptr;
    model.source = std::move(source);
    return model;
}

} // namespace nibble
