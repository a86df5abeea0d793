// Tensors in memory of our own. Private to core/models.
#pragma once

#include <cstring>
#include <formats/weight_rows.h>
#include <string>
#include <vector>

namespace nibble {

/// Memory of our own that rows may point into.
inline WeightRows ownedRows(std::string name, FormatId format, std::vector<std::byte> bytes, int64_t cols) {
    WeightRows rows;
    const auto owned = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    rows.name = std::move(name);
    rows.format = format;
    rows.cols = cols;
    rows.rows = 1;
    rows.planes = {owned->data()};
    rows.owner = owned;
    rows.dims = 1;
    return rows;
}

inline WeightRows vectorRows(std::string name, const std::vector<float>& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return ownedRows(std::move(name), FormatId::F32, std::move(bytes), int64_t(values.size()));
}

} // namespace nibble
