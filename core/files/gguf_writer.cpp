#include <base/atomic_file.h>
#include <base/checked.h>
#include <cassert>
#include <cstring>
#include <files/gguf.h>
#include <files/gguf_values.h>
#include <type_traits>

namespace nibble {

namespace {

/// Little-endian values one after the other.
class Bytes {
public:
    std::string data;

    template<class T>
    void scalar(const T& value) {
        if constexpr (std::is_same_v<T, std::string>) {
            scalar(uint64_t(value.size()));
            raw(value.data(), value.size());
        } else if constexpr (std::is_same_v<T, bool>) {
            scalar(uint8_t(value));
        } else {
            raw(&value, sizeof(T));
        }
    }

    void value(const GgufValue& value) {
        std::visit(
            [this]<class T>(const T& v) {
                if constexpr (kGgufType<T> != 0 || std::is_same_v<T, uint8_t>) {
                    scalar(kGgufType<T>);
                    scalar(v);
                } else {
                    using Element = typename T::value_type;
                    scalar(kGgufArray);
                    scalar(kGgufType<Element>);
                    scalar(uint64_t(v.size()));
                    for (const Element& element : v) scalar(element); // vector<bool>: a copy each
                }
            },
            value);
    }

    void pad(uint64_t alignment) { data.resize(std::size_t(checkedAlign(data.size(), alignment, "header"))); }

private:
    void raw(const void* from, std::size_t size) { data.append(static_cast<const char*>(from), size); }
};

uint64_t bytesOf(const GgufWriter::Declaration& tensor) {
    const Format& f = format(tensor.format);
    assert(!tensor.shape.empty() && tensor.shape[0] % f.blockSize == 0);
    uint64_t rows = 1;
    for (std::size_t d = 1; d < tensor.shape.size(); ++d)
        rows = checkedMul(rows, uint64_t(tensor.shape[d]), tensor.name);
    return checkedMul(rows, f.rowBytes(tensor.shape[0]), tensor.name);
}

uint64_t alignmentOf(const GgufMetadata& metadata) {
    const GgufValue* value = metadata.find("general.alignment");
    const auto* alignment = value ? std::get_if<uint32_t>(value) : nullptr;
    return alignment ? *alignment : kGgufDefaultAlignment;
}

/// Writes the header and finds every tensor's place behind it.
GgufWriter::Layout makeLayout(const GgufMetadata& metadata, std::span<const GgufWriter::Declaration> tensors) {
    const uint64_t alignment = alignmentOf(metadata);
    GgufWriter::Layout layout;
    Bytes out;
    out.scalar(kGgufMagic);
    out.scalar(kGgufVersion);
    out.scalar(uint64_t(tensors.size()));
    out.scalar(uint64_t(metadata.entries().size()));
    for (const auto& [key, value] : metadata.entries()) {
        out.scalar(key);
        out.value(value);
    }
    uint64_t offset = 0;
    for (const auto& tensor : tensors) {
        assert(!tensor.name.empty() && tensor.name.size() <= kGgufMaxTensorName);
        assert(tensor.shape.size() <= std::size_t(kGgufMaxDims));
        out.scalar(tensor.name);
        out.scalar(uint32_t(tensor.shape.size()));
        for (const int64_t n : tensor.shape) out.scalar(n);
        out.scalar(uint32_t(tensor.format));
        out.scalar(offset);
        const uint64_t bytes = bytesOf(tensor);
        const uint64_t end = checkedAlign(checkedAdd(offset, bytes, tensor.name), alignment, tensor.name);
        layout.tensors.push_back({offset, bytes, end});
        offset = end;
    }
    out.pad(alignment);
    layout.header = std::move(out.data);
    for (auto& place : layout.tensors) {
        place.begin += layout.header.size();
        place.end = checkedAdd(place.end, layout.header.size(), "file");
    }
    return layout;
}

} // namespace

struct GgufWriter::Impl {
    Layout layout;
    AtomicFile file;
    std::size_t current = 0; // tensor being written
    uint64_t left = 0;       // bytes it still lacks

    Impl(const std::filesystem::path& target, Layout places, bool replace)
        : layout(std::move(places)), file(target, layout.fileBytes(), replace) {
        begin();
    }
    Impl(const std::filesystem::path& target, Layout places, bool replace, const Continued& continued)
        : layout(std::move(places)), file(target, layout.fileBytes(), replace,
                                          AtomicFile::Continued{continued.partial, bytesOfFirst(continued.tensors)}),
          current(continued.tensors) {
        begin();
    }

    /// Of the header and so many tensors.
    uint64_t bytesOfFirst(std::size_t tensors) const { return tensors == 0 ? 0 : layout.tensors[tensors - 1].end; }

    void begin() {
        if (current == 0) file.write(std::as_bytes(std::span(layout.header)));
        if (current < layout.tensors.size()) left = layout.tensors[current].bytes;
    }

    void finishTensor() {
        const std::vector<std::byte> padding(std::size_t(layout.tensors[current].end - file.size()));
        file.write(padding);
        if (++current < layout.tensors.size()) left = layout.tensors[current].bytes;
    }
};

GgufWriter::GgufWriter(const std::filesystem::path& target, const GgufMetadata& metadata,
                       std::vector<Declaration> tensors, bool replace, const std::optional<Continued>& continued) {
    Layout layout = makeLayout(metadata, tensors);
    m_impl = continued ? std::make_unique<Impl>(target, std::move(layout), replace, *continued)
                       : std::make_unique<Impl>(target, std::move(layout), replace);
}

GgufWriter::~GgufWriter() = default;

void GgufWriter::write(std::span<const std::byte> bytes) {
    assert(m_impl->current < m_impl->layout.tensors.size() && bytes.size() <= m_impl->left);
    m_impl->file.write(bytes);
    m_impl->left -= bytes.size();
    if (m_impl->left == 0) m_impl->finishTensor();
}

void GgufWriter::commit() {
    assert(m_impl->current == m_impl->layout.tensors.size() && m_impl->file.size() == fileBytes());
    m_impl->file.commit();
}

uint64_t GgufWriter::fileBytes() const { return m_impl->layout.fileBytes(); }

GgufWriter::Layout GgufWriter::layoutOf(const GgufMetadata& metadata, std::span<const Declaration> tensors) {
    return makeLayout(metadata, tensors);
}

uint64_t GgufWriter::fileBytesOf(const GgufMetadata& metadata, std::span<const Declaration> tensors) {
    return makeLayout(metadata, tensors).fileBytes();
}

} // namespace nibble
