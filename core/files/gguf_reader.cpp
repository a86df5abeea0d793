#include <algorithm>
#include <base/checked.h>
#include <base/text.h>
#include <files/damaged.h>
#include <files/gguf.h>
#include <files/gguf_cursor.h>
#include <files/gguf_values.h>

namespace nibble {

namespace fs = std::filesystem;

namespace {

/// One file: a whole model or one shard of it.
struct Shard {
    std::unique_ptr<MappedFile> file;
    GgufMetadata metadata;
    std::vector<GgufTensor> tensors;
};

void readHeader(Cursor& in, uint64_t& nTensors, uint64_t& nEntries) {
    if (in.left() < 4 || in.scalar<uint32_t>("magic") != kGgufMagic) in.fail("magic", "is not GGUF");
    const auto version = in.scalar<uint32_t>("version");
    if (version != 2 && version != 3) {
        const bool swapped = version != 0 && (version & 0xFFFF) == 0;
        throw Error(ErrorKind::Unsupported,
                    swapped ? "This model file was written for a big-endian computer, which Nibble cannot read."
                            : "This model file has a version that Nibble cannot read.",
                    in.file() + format(": version is %u, expected 2 or 3", version),
                    "Download a current version of the model.");
    }
    nTensors = in.count("n_tensors", 8 + 1 + 4 + 8 + 4 + 8);
    nEntries = in.count("n_kv", 8 + 1 + 4 + 1);
}

GgufValue readValue(Cursor& in, const std::string& key) {
    auto type = in.scalar<uint32_t>(key + " (type)");
    const bool isArray = type == kGgufArray;
    if (isArray) {
        type = in.scalar<uint32_t>(key + " (element type)");
        if (type == kGgufArray) in.fail(key, "is a list of lists, which GGUF does not have");
    }
    GgufValue value;
    const bool known = withGgufType(type, [&]<class T>() {
        if (isArray)
            value = in.array<T>(key);
        else
            value = in.scalar<T>(key);
    });
    if (!known) in.fail(key, format("has the unknown value type %u", type));
    if (const auto* text = std::get_if<std::string>(&value); text && !isUtf8(*text)) in.fail(key, "is not valid UTF-8");
    return value;
}

GgufMetadata readMetadata(Cursor& in, uint64_t nEntries, const std::string& origin) {
    GgufMetadata metadata;
    metadata.origin = origin;
    for (uint64_t i = 0; i < nEntries; ++i) {
        const std::string field = format("key %llu", static_cast<unsigned long long>(i));
        const std::string key(in.text(field));
        if (key.empty() || key.size() > kGgufMaxKey) in.fail(field, format("has a name of %zu bytes", key.size()));
        if (!isUtf8(key)) in.fail(field, "has a name that is not valid UTF-8");
        if (metadata.find(key)) in.fail(key, "appears twice");
        metadata.set(key, readValue(in, key));
    }
    return metadata;
}

uint64_t alignmentOf(const GgufMetadata& metadata) {
    const GgufValue* value = metadata.find("general.alignment");
    if (!value) return kGgufDefaultAlignment;
    const auto* alignment = std::get_if<uint32_t>(value);
    if (!alignment) throwDamaged(metadata.origin, "general.alignment", "is not a uint32");
    // At least 8, as the specification has it: kernels may then read their blocks directly.
    if (*alignment < 8 || (*alignment & (*alignment - 1)) != 0)
        throwDamaged(metadata.origin, "general.alignment", format("is %u, not a power of two from 8", *alignment));
    return *alignment;
}

/// Everything but data and bytes. Returns the offset in the data section.
uint64_t readTensorInfo(Cursor& in, uint64_t index, GgufTensor& tensor) {
    const std::string field = format("tensor %llu", static_cast<unsigned long long>(index));
    tensor.name = in.text(field + " (name)");
    if (tensor.name.empty() || tensor.name.size() > kGgufMaxTensorName)
        in.fail(field, format("has a name of %zu bytes, expected 1 to %zu", tensor.name.size(), kGgufMaxTensorName));
    if (!isUtf8(tensor.name)) in.fail(field, "has a name that is not valid UTF-8");
    const auto nDims = in.scalar<uint32_t>(tensor.name + " (n_dims)");
    if (nDims < 1 || nDims > uint32_t(kGgufMaxDims))
        in.fail(tensor.name, format("has %u dimensions, expected 1 to 4", nDims));
    int64_t elements = 1;
    for (uint32_t d = 0; d < nDims; ++d) {
        const auto n = in.scalar<int64_t>(tensor.name + " (shape)");
        if (n < 1 || __builtin_mul_overflow(elements, n, &elements))
            in.fail(tensor.name, format("has the impossible dimension %lld", static_cast<long long>(n)));
        tensor.shape.push_back(n);
    }
    tensor.type = in.scalar<uint32_t>(tensor.name + " (type)");
    return in.scalar<uint64_t>(tensor.name + " (offset)");
}

/// Size of a tensor's data where we know its format, else 0.
uint64_t dataBytes(const Cursor& in, const GgufTensor& tensor) {
    const Format* f = findFormat(tensor.type);
    if (!f) return 0;
    if (tensor.shape[0] % f->blockSize != 0)
        in.fail(tensor.name, format("has rows of %lld weights, which is no multiple of the %u in a block of %s",
                                    static_cast<long long>(tensor.shape[0]), f->blockSize, f->name));
    uint64_t rows = 1;
    for (std::size_t d = 1; d < tensor.shape.size(); ++d) rows *= uint64_t(tensor.shape[d]); // fits: elements do
    return checkedMul(rows, f->rowBytes(tensor.shape[0]), in.file() + ": " + tensor.name);
}

void readTensors(Cursor& in, uint64_t nTensors, uint64_t alignment, std::span<const std::byte> file,
                 std::vector<GgufTensor>& tensors) {
    std::vector<uint64_t> offsets;
    for (uint64_t i = 0; i < nTensors; ++i) offsets.push_back(readTensorInfo(in, i, tensors.emplace_back()));
    if (nTensors == 0) return;

    const uint64_t dataStart = checkedAlign(in.position(), alignment, in.file() + ": data section");
    if (dataStart > file.size()) in.fail(tensors.front().name, "lies behind the end of the file");
    const uint64_t available = file.size() - dataStart;
    uint64_t expected = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        GgufTensor& tensor = tensors[i];
        // After a tensor of unknown format only the next offset tells where it ended.
        const bool afterUnknown = i > 0 && !findFormat(tensors[i - 1].type);
        if (afterUnknown ? offsets[i] < expected || offsets[i] % alignment != 0 : offsets[i] != expected)
            in.fail(tensor.name,
                    format("has the offset %llu, expected %llu", static_cast<unsigned long long>(offsets[i]),
                           static_cast<unsigned long long>(expected)));
        if (afterUnknown) tensors[i - 1].bytes = offsets[i] - offsets[i - 1];
        tensor.bytes = dataBytes(in, tensor);
        if (offsets[i] > available || tensor.bytes > available - offsets[i])
            in.fail(tensor.name, format("ends behind the end of the file: %llu bytes at %llu of %llu",
                                        static_cast<unsigned long long>(tensor.bytes),
                                        static_cast<unsigned long long>(dataStart + std::min(offsets[i], available)),
                                        static_cast<unsigned long long>(file.size())));
        if (findFormat(tensor.type))
            tensor.data = file.data() + dataStart + offsets[i];
        else if (i + 1 == tensors.size())
            tensor.bytes = available - offsets[i];
        expected = checkedAlign(offsets[i] + tensor.bytes, alignment, in.file() + ": " + tensor.name);
    }
}

Shard readShard(const fs::path& path) {
    Shard shard;
    shard.file = std::make_unique<MappedFile>(path);
    const std::string name = shownFileName(path);
    Cursor in(shard.file->bytes(), name);
    uint64_t nTensors = 0, nEntries = 0;
    readHeader(in, nTensors, nEntries);
    shard.metadata = readMetadata(in, nEntries, name);
    readTensors(in, nTensors, alignmentOf(shard.metadata), shard.file->bytes(), shard.tensors);
    shard.file->check(); // shrunk while we read: say that rather than what the zeros looked like
    return shard;
}

/// "dir/x-00002-of-00003.gguf" -> the path of part `part` (from 1).
fs::path shardPath(const fs::path& path, int64_t part, int64_t count, const std::string& origin) {
    const std::string name = path.filename().string();
    const std::string suffix = format("-of-%05lld.gguf", static_cast<long long>(count));
    const std::size_t digits = 6; // "-00002"
    const std::size_t tail = digits + suffix.size();
    if (!name.ends_with(suffix) || name.size() < tail || name[name.size() - tail] != '-')
        throwDamaged(origin, "split.count",
                     format("says that this is one of %lld parts, but the name does not end in \"-00001%s\"",
                            static_cast<long long>(count), suffix.c_str()));
    return path.parent_path() /
           (name.substr(0, name.size() - tail) + format("-%05lld", static_cast<long long>(part)) + suffix);
}

/// All shards of the model that `first` belongs to, in the order of split.no.
std::vector<Shard> readSiblings(const fs::path& path, Shard first, int64_t count) {
    const std::string origin = first.metadata.origin;
    std::vector<Shard> shards(static_cast<std::size_t>(count));
    const auto place = [&](Shard shard) {
        const auto& metadata = shard.metadata;
        if (metadata.requireInteger("split.count", 1, 65535) != count)
            throwDamaged(metadata.origin, "split.count", "differs from that of " + origin);
        const auto no = std::size_t(metadata.requireInteger("split.no", 0, count - 1));
        if (shards[no].file)
            throwDamaged(metadata.origin, "split.no", format("is %zu, as in ", no) + shards[no].metadata.origin);
        shards[no] = std::move(shard);
    };
    place(std::move(first));
    for (int64_t part = 1; part <= count; ++part) {
        const fs::path sibling = shardPath(path, part, count, origin);
        if (sibling.filename() == path.filename()) continue;
        std::error_code ignored;
        if (!fs::exists(sibling, ignored))
            throw Error(ErrorKind::NotFound,
                        format("Part %lld of %lld of this model is missing: ", static_cast<long long>(part),
                               static_cast<long long>(count)) +
                            shownFileName(sibling) + ".",
                        origin + ": split.count; " + printable(sibling.string(), 1000),
                        "Put all parts into the same folder.");
        place(readShard(sibling));
    }
    return shards;
}

} // namespace

GgufFile::GgufFile(const fs::path& path)
    : m_path(path), m_files(std::make_shared<std::vector<std::unique_ptr<MappedFile>>>()) {
    std::vector<Shard> shards;
    shards.push_back(readShard(path));
    const int64_t count = shards[0].metadata.integer("split.count", 0, 65535).value_or(0);
    if (count > 1) shards = readSiblings(path, std::move(shards[0]), count);

    m_metadata = std::move(shards[0].metadata);
    const std::string& origin = m_metadata.origin;
    for (Shard& shard : shards) {
        for (GgufTensor& tensor : shard.tensors) {
            if (!m_index.try_emplace(tensor.name, m_tensors.size()).second)
                throwDamaged(origin, tensor.name, "appears twice");
            m_tensors.push_back(std::move(tensor));
        }
        m_files->push_back(std::move(shard.file));
    }
    if (count > 1) {
        const auto total = m_metadata.integer("split.tensors.count", 0, INT32_MAX);
        if (total && std::size_t(*total) != m_tensors.size())
            throwDamaged(origin, "split.tensors.count",
                         format("says %lld, but the parts hold %zu", static_cast<long long>(*total), m_tensors.size()));
    }
    for (const char* key : {"split.no", "split.count", "split.tensors.count"}) m_metadata.remove(key);
}

const GgufTensor* GgufFile::find(std::string_view name) const {
    const auto it = m_index.find(name);
    return it == m_index.end() ? nullptr : &m_tensors[it->second];
}

uint64_t GgufFile::fileBytes() const {
    uint64_t sum = 0;
    for (const auto& file : *m_files) sum += file->bytes().size();
    return sum;
}

void GgufFile::check() const {
    for (const auto& file : *m_files) file->check();
}

} // namespace nibble
