#include <algorithm>
#include <array>
#include <base/checked.h>
#include <base/text.h>
#include <cstring>
#include <files/damaged.h>
#include <files/json_file.h>
#include <files/safetensors.h>
#include <set>

namespace nibble {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr uint64_t kMaxHeader = 100'000'000; // the limit of the original library
constexpr uint64_t kMaxIndex = 64 * 1024 * 1024;

struct DtypeBits {
    std::string_view name;
    uint64_t bits;
};
constexpr std::array<DtypeBits, 19> kDtypes{{{"BOOL", 8},
                                             {"U8", 8},
                                             {"I8", 8},
                                             {"F8_E5M2", 8},
                                             {"F8_E4M3", 8},
                                             {"F8_E8M0", 8},
                                             {"F4", 4},
                                             {"F6_E2M3", 6},
                                             {"F6_E3M2", 6},
                                             {"I16", 16},
                                             {"U16", 16},
                                             {"F16", 16},
                                             {"BF16", 16},
                                             {"I32", 32},
                                             {"U32", 32},
                                             {"F32", 32},
                                             {"I64", 64},
                                             {"U64", 64},
                                             {"F64", 64}}};

/// A tensor and where it lies in the data section.
struct Entry {
    SafeTensor tensor;
    uint64_t begin = 0, end = 0;
};

uint64_t unsignedAt(const json& list, std::size_t i, const std::string& file, const std::string& field) {
    if (!list[i].is_number_unsigned()) throwDamaged(file, field, format("[%zu] is not a whole number >= 0", i));
    return list[i].get<uint64_t>();
}

Entry readEntry(const std::string& name, const json& value, const std::string& file, uint64_t dataSize) {
    Entry entry;
    entry.tensor.name = name;
    const auto dtype = value.find("dtype"), shape = value.find("shape"), offsets = value.find("data_offsets");
    if (!value.is_object() || dtype == value.end() || shape == value.end() || offsets == value.end())
        throwDamaged(file, name, "lacks dtype, shape or data_offsets");
    if (!dtype->is_string()) throwDamaged(file, name + ".dtype", "is not a text");
    if (!shape->is_array()) throwDamaged(file, name + ".shape", "is not a list");
    if (!offsets->is_array() || offsets->size() != 2) throwDamaged(file, name + ".data_offsets", "is not a pair");

    entry.tensor.dtype = dtype->get<std::string>();
    const auto known = std::ranges::find(kDtypes, entry.tensor.dtype, &DtypeBits::name);
    if (known == kDtypes.end()) throwUnsupportedFile(file, name + ".dtype", "the number format " + entry.tensor.dtype);
    uint64_t bits = known->bits;
    for (std::size_t d = 0; d < shape->size(); ++d) {
        const uint64_t n = unsignedAt(*shape, d, file, name + ".shape");
        if (n > uint64_t(INT64_MAX)) throwTooLarge(file + ": " + printable(name) + ".shape");
        entry.tensor.shape.push_back(int64_t(n));
        bits = checkedMul(bits, n, file + ": " + printable(name) + ".shape");
    }
    entry.begin = unsignedAt(*offsets, 0, file, name + ".data_offsets");
    entry.end = unsignedAt(*offsets, 1, file, name + ".data_offsets");
    if (entry.begin > entry.end || entry.end > dataSize)
        throwDamaged(file, name + ".data_offsets",
                     format("are %llu to %llu, but the data has %llu bytes",
                            static_cast<unsigned long long>(entry.begin), static_cast<unsigned long long>(entry.end),
                            static_cast<unsigned long long>(dataSize)));
    entry.tensor.bytes = entry.end - entry.begin;
    if (bits % 8 != 0 || bits / 8 != entry.tensor.bytes)
        throwDamaged(file, name,
                     format("has %llu bytes, but its shape and dtype %s need %llu",
                            static_cast<unsigned long long>(entry.tensor.bytes), entry.tensor.dtype.c_str(),
                            static_cast<unsigned long long>(bits / 8)));
    return entry;
}

/// The format allows neither overlaps nor holes: whoever reads another way would see other weights.
void checkLayout(std::vector<Entry>& entries, const std::string& file, uint64_t dataSize) {
    std::ranges::sort(entries, {}, [](const Entry& e) { return std::pair(e.begin, e.end); });
    uint64_t expected = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != expected)
            throwDamaged(file, entry.tensor.name + ".data_offsets",
                         entry.begin < expected ? "overlap with those of another tensor" : "leave a hole before them");
        expected = entry.end;
    }
    if (expected != dataSize)
        throwDamaged(
            file, "data",
            format("has %llu bytes after the last tensor", static_cast<unsigned long long>(dataSize - expected)));
}

std::vector<SafeTensor> readFile(const MappedFile& mapped) {
    const std::string file = shownFileName(mapped.path());
    const auto bytes = mapped.bytes();
    if (bytes.size() < 8) throwDamaged(file, "header length", "is missing");
    uint64_t headerSize = 0;
    std::memcpy(&headerSize, bytes.data(), 8);
    if (headerSize > kMaxHeader || headerSize > bytes.size() - 8)
        throwDamaged(file, "header length",
                     format("is %llu, more than the file has or the format allows",
                            static_cast<unsigned long long>(headerSize)));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 8, std::size_t(headerSize));
    const json header = parseJson(text, file);
    if (!header.is_object()) throwDamaged(file, "header", "is not a JSON object");

    const auto data = bytes.subspan(8 + std::size_t(headerSize));
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items())
        if (name != "__metadata__") entries.push_back(readEntry(name, value, file, data.size()));
    checkLayout(entries, file, data.size());
    mapped.check();

    std::vector<SafeTensor> tensors;
    for (Entry& entry : entries) {
        entry.tensor.data = data.data() + entry.begin;
        tensors.push_back(std::move(entry.tensor));
    }
    return tensors;
}

/// weight_map of an index: tensor -> file, checked to be plain names inside the folder.
std::map<std::string, std::string> readIndex(const fs::path& path) {
    const std::string file = shownFileName(path);
    const json index = readJsonObject(path, kMaxIndex);
    const auto map = index.find("weight_map");
    if (map == index.end() || !map->is_object()) throwDamaged(file, "weight_map", "is missing");
    std::map<std::string, std::string> result;
    for (const auto& [tensor, shard] : map->items()) {
        if (!shard.is_string()) throwDamaged(file, "weight_map." + tensor, "is not a file name");
        auto name = shard.get<std::string>();
        if (name.empty() || name == "." || name == ".." ||
            name.find_first_of(std::string_view("/\\\0", 3)) != name.npos)
            throwDamaged(file, "weight_map." + tensor, "names a file outside the folder: " + name);
        result.emplace(tensor, std::move(name));
    }
    if (result.empty()) throwDamaged(file, "weight_map", "is empty");
    return result;
}

} // namespace

SafeTensors::SafeTensors(const fs::path& folder)
    : m_files(std::make_shared<std::vector<std::unique_ptr<MappedFile>>>()) {
    std::error_code ignored;
    const fs::path single = folder / "model.safetensors", indexPath = folder / "model.safetensors.index.json";
    std::map<std::string, std::string> index;
    std::set<std::string> names;
    if (!fs::exists(single, ignored) && fs::exists(indexPath, ignored)) {
        index = readIndex(indexPath);
        for (const auto& [tensor, shard] : index) names.insert(shard);
    } else {
        names.insert(single.filename().string());
    }

    for (const std::string& name : names) {
        m_files->push_back(std::make_unique<MappedFile>(folder / name));
        for (SafeTensor& tensor : readFile(*m_files->back())) m_tensors.push_back(std::move(tensor));
    }
    std::ranges::sort(m_tensors, {}, &SafeTensor::name);
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        if (!m_index.try_emplace(m_tensors[i].name, i).second)
            throwDamaged(shownFileName(indexPath), m_tensors[i].name, "is in two of the model's files");
    }
    for (const auto& [tensor, shard] : index)
        if (!m_index.contains(tensor)) throwDamaged(shard, tensor, "is missing, although the index names it");
}

const SafeTensor* SafeTensors::find(std::string_view name) const {
    const auto it = m_index.find(name);
    return it == m_index.end() ? nullptr : &m_tensors[it->second];
}

uint64_t SafeTensors::fileBytes() const {
    uint64_t sum = 0;
    for (const auto& file : *m_files) sum += file->bytes().size();
    return sum;
}

void SafeTensors::check() const {
    for (const auto& file : *m_files) file->check();
}

} // namespace nibble
