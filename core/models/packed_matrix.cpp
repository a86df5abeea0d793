#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <cstring>
#include <formats/grouped.h>
#include <formats/half.h>
#include <models/packed_matrix.h>

namespace nibble {

namespace {

constexpr int64_t kBlock = 32; // weights in a block of the formats that are chosen here

template<class T>
T load(const std::byte* from, int64_t index) {
    T value;
    std::memcpy(&value, from + index * int64_t(sizeof value), sizeof value);
    return value;
}

/// Whether every block's inputs share a group.
bool groupsFitBlocks(const PackedMatrix& m) {
    if (m.groupOf.empty()) return m.groups == 1 || m.groupSize % kBlock == 0;
    for (int64_t k = 0; k < m.inputs; ++k)
        if (m.groupOf[std::size_t(k)] != m.groupOf[std::size_t(k / kBlock * kBlock)]) return false;
    return true;
}

/// What becomes of scales in half precision, in which blocks and decoded weights hold them.
enum class HalfScales { Exact, Rounded, Unfit };

HalfScales halfScales(const PackedMatrix& m) {
    if (m.scales.format == FormatId::F16) return HalfScales::Exact;
    HalfScales result = HalfScales::Exact;
    for (int64_t g = 0; g < m.groups; ++g)
        for (int64_t n = 0; n < m.outputs; ++n) {
            const float s = m.scales.at(g, n), rounded = f16ToF32(f32ToF16(s));
            if (rounded == s) continue;
            // A scale times a code has to fit, too, and tiny scales lose more than their last bit.
            if (!(std::fabs(s) < 65504.f / 256) || std::fabs(rounded - s) > std::fabs(s) * 0x1p-11f)
                return HalfScales::Unfit;
            result = HalfScales::Rounded;
        }
    return result;
}

PackedForm decoded(FormatId format, const std::string& why) {
    return {format, "Its weights are read exactly, but take the room of " +
                        std::string(format == FormatId::F16 ? "16" : "32") + "-bit numbers in memory, because " + why +
                        "."};
}

/// Rows of a format of 32-weight blocks or of floats, made from packed codes.
class PackedRows final : public RowMaker {
public:
    PackedRows(PackedMatrix matrix, FormatId format) : m_matrix(std::move(matrix)), m_format(nibble::format(format)) {}
    void make(std::span<const int64_t> rows, std::byte* out) const override;

private:
    struct Group {
        float scale;
        int zero;
    };
    void readCodes(int64_t output, int64_t first, int64_t count, uint8_t* q) const;
    void makeBlock(const uint8_t* q, Group group, std::byte* out) const;
    void decode(const uint8_t* q, const Group* groups, int64_t first, int64_t count, std::byte* out) const;

    PackedMatrix m_matrix;
    const Format& m_format;
};

void PackedRows::readCodes(int64_t output, int64_t first, int64_t count, uint8_t* q) const {
    if (m_matrix.codesAlongInputs && count == kBlock) {
        m_matrix.codes.read32(first, output, q);
        return;
    }
    for (int64_t j = 0; j < count; ++j) q[j] = uint8_t(m_matrix.code(output, first + j));
}

void PackedRows::makeBlock(const uint8_t* q, Group group, std::byte* out) const {
    CodeBlock block;
    block.d = group.scale;
    block.dmin = group.scale * float(group.zero);
    const int shift = m_format.hasMin ? 0 : m_format.offset - group.zero;
    const int last = (1 << m_format.codeBits) - 1; // beyond only where the file changed after it was looked at
    for (int j = 0; j < kBlock; ++j) block.q[j] = uint8_t(std::clamp(q[j] + shift, 0, last));
    m_format.pack(block, out);
}

void PackedRows::decode(const uint8_t* q, const Group* groups, int64_t first, int64_t count, std::byte* out) const {
    for (int64_t j = 0; j < count; ++j) {
        const Group& group = groups[m_matrix.group(first + j)];
        const float w = group.scale * float(q[j] - group.zero);
        if (m_format.id == FormatId::F16) {
            const uint16_t half = f32ToF16(w);
            std::memcpy(out + 2 * (first + j), &half, 2);
        } else {
            std::memcpy(out + 4 * (first + j), &w, 4);
        }
    }
}

/// Block by block through all rows: rows that are neighbours lie in the same words or at least the same cache lines.
void PackedRows::make(std::span<const int64_t> rows, std::byte* out) const {
    const auto nGroups = std::size_t(m_matrix.groups);
    std::vector<Group> groups(rows.size() * nGroups);
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t g = 0; g < nGroups; ++g)
            groups[r * nGroups + g] = {m_matrix.scales.at(int64_t(g), rows[r]), m_matrix.zero(int64_t(g), rows[r])};

    const uint64_t rowBytes = m_format.rowBytes(m_matrix.inputs);
    uint8_t q[kBlock];
    for (int64_t k = 0; k < m_matrix.inputs; k += kBlock) {
        const int64_t count = std::min(kBlock, m_matrix.inputs - k);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            std::byte* row = out + r * rowBytes;
            const Group* rowGroups = groups.data() + r * nGroups;
            readCodes(rows[r], k, count, q);
            if (m_format.codeBits == 0)
                decode(q, rowGroups, k, count, row);
            else
                makeBlock(q, rowGroups[m_matrix.group(k)], row + m_format.rowBytes(k));
        }
    }
}

} // namespace

uint32_t PackedInts::word(int64_t along, int64_t across) const {
    return load<uint32_t>(words, along * alongStride + across * acrossStride);
}

int PackedInts::at(int64_t along, int64_t across) const {
    if (awqOrder) return int(word(along / 8, across) >> (4 * kAwqPlace[along % 8]) & 15);
    const int64_t bit = along * bits;
    const int shift = int(bit % 32);
    uint32_t value = word(bit / 32, across) >> shift;
    if (shift + bits > 32) value |= word(bit / 32 + 1, across) << (32 - shift);
    return int(value & ((1u << bits) - 1));
}

void PackedInts::read32(int64_t first, int64_t across, uint8_t* out) const {
    uint32_t w[9] = {}; // one more than 8 bits need: the last number looks there in vain
    for (int i = 0; i < bits; ++i) w[i] = word(first / 32 * bits + i, across);
    for (int j = 0; j < 32; ++j) {
        const uint64_t pair = w[j * bits / 32] | uint64_t(w[j * bits / 32 + 1]) << 32;
        out[j] = uint8_t(pair >> (j * bits % 32) & ((1u << bits) - 1));
    }
}

float PackedScales::at(int64_t group, int64_t output) const {
    const int64_t index = group * groupStride + output * outputStride;
    if (format == FormatId::F16) return f16ToF32(load<uint16_t>(data, index));
    return format == FormatId::BF16 ? bf16ToF32(load<uint16_t>(data, index)) : load<float>(data, index);
}

int PackedMatrix::storedZero(int64_t group, int64_t output) const {
    if (!zeros.words) return 1 << (codes.bits - 1);
    return zerosAlongOutputs ? zeros.at(output, group) : zeros.at(group, output);
}

int PackedMatrix::code(int64_t output, int64_t input) const {
    return codesAlongInputs ? codes.at(input, output) : codes.at(output, input);
}

ZeroRange storedZeros(const PackedMatrix& matrix) {
    ZeroRange range{matrix.storedZero(0, 0), matrix.storedZero(0, 0)};
    if (!matrix.zeros.words) return range;
    for (int64_t g = 0; g < matrix.groups; ++g)
        for (int64_t n = 0; n < matrix.outputs; ++n) {
            const int zero = matrix.storedZero(g, n);
            range.min = std::min(range.min, zero);
            range.max = std::max(range.max, zero);
        }
    return range;
}

PackedForm formOf(const PackedMatrix& m, ZeroRange zeros) {
    const HalfScales scales = halfScales(m);
    if (scales == HalfScales::Unfit)
        return decoded(FormatId::F32, "some of its scales are outside the range of the block formats");
    if (m.inputs % kBlock != 0) return decoded(FormatId::F16, "its rows do not divide into blocks of 32 weights");
    if (!groupsFitBlocks(m))
        return decoded(FormatId::F16, m.groupOf.empty()
                                          ? format("its groups of %lld weights cut through the blocks of 32",
                                                   static_cast<long long>(m.groupSize))
                                          : "the columns of its groups are scattered (act-order)");

    const std::string rounded = scales == HalfScales::Rounded ? "Its scales are rounded to half precision." : "";
    const int least = -(zeros.max + m.zeroOffset), most = (1 << m.codes.bits) - 1 - (zeros.min + m.zeroOffset);
    if (least >= -8 && most <= 7) return {FormatId::Q4_0, rounded};
    if (m.codes.bits <= 4) // half of f16's last bit times the largest zero point, 16
        return {FormatId::Q4_1,
                std::string(rounded.empty() ? "Its zero points are" : "Its scales and zero points are") +
                    " rounded to half precision, by less than a hundredth of a step."};
    if (least >= -128 && most <= 127) return {FormatId::Q8_0, rounded};
    return decoded(FormatId::F16, "its 8 bits have zero points of their own");
}

PackedForm formForBoth(const PackedForm& a, const PackedForm& b) {
    static constexpr FormatId kWider[] = {FormatId::Q4_0, FormatId::Q4_1, FormatId::Q8_0, FormatId::F16, FormatId::F32};
    const auto* placeA = std::ranges::find(kWider, a.format);
    const auto* placeB = std::ranges::find(kWider, b.format);
    const PackedForm &narrow = placeA < placeB ? a : b, &wide = placeA < placeB ? b : a;
    if (narrow.format == FormatId::Q4_1 && wide.format == FormatId::Q8_0)
        return decoded(FormatId::F16, "its experts have different bits and zero points");
    return wide;
}

WeightRows rowsOf(PackedMatrix matrix, FormatId format) {
    WeightRows rows;
    rows.name = matrix.name;
    rows.format = format;
    rows.cols = matrix.inputs;
    rows.rows = matrix.outputs;
    rows.planes = {nullptr};
    rows.owner = matrix.owner;
    rows.makers = {std::make_shared<PackedRows>(std::move(matrix), format)};
    return rows;
}

} // namespace nibble
