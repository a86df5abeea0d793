#include <text/schema_number.h>

#include <algorithm>
#include <cmath>
#include <text/schema_error.h>

namespace nibble {

namespace {

using nlohmann::ordered_json;

constexpr const char* kBounds[] = {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"};
constexpr int kDecimals = 4, kMostDecimals = 9; // where there is room for more than needed, and at all

/// n where value is n / 10^point; none where it has more digits or too many.
std::optional<int64_t> scaled(double value, int point) {
    const double unit = std::pow(10.0, point), n = std::round(value * unit);
    if (!(std::abs(n) <= double(DecimalRange::kLargest)) || n / unit != value) return std::nullopt;
    return int64_t(n);
}

std::optional<double> given(const ordered_json& schema, const char* keyword, const std::string& at) {
    const auto found = schema.find(keyword);
    if (found == schema.end()) return std::nullopt;
    if (!found->is_number()) refuseSchema(at + "/" + keyword, "is not a number");
    return found->get<double>();
}

/// Decimals that write the keyword's number.
int decimalsOf(const ordered_json& schema, const char* keyword, const std::string& at) {
    const auto value = given(schema, keyword, at);
    int decimals = 0;
    while (value && decimals <= kMostDecimals && !scaled(*value, decimals)) ++decimals;
    if (decimals > kMostDecimals) refuseKeyword(at, std::string(keyword) + " of so many digits");
    return decimals;
}

void addBound(const char* keyword, double value, DecimalRange& range) {
    const double unit = std::pow(10.0, range.point);
    const double at10 = std::clamp(value * unit, -9e15, 9e15), nearest = std::round(at10);
    const bool exact = nearest / unit == value, exclusive = keyword[0] == 'e';
    const bool isLow = std::string_view(keyword).ends_with("inimum");
    int64_t bound = int64_t(exact ? nearest : isLow ? std::ceil(at10) : std::floor(at10));
    if (exact && exclusive) bound += isLow ? 1 : -1;
    (isLow ? range.low : range.high) = isLow ? std::max(range.low, bound) : std::min(range.high, bound);
}

} // namespace

std::optional<DecimalRange> decimalRangeOf(bool whole, const ordered_json& schema, const std::string& at) {
    const auto multiple = given(schema, "multipleOf", at);
    if (multiple && !(*multiple > 0)) refuseSchema(at + "/multipleOf", "is not above 0");
    bool bounded = multiple.has_value();
    for (const char* keyword : kBounds) bounded |= given(schema, keyword, at).has_value();
    if (!bounded) return std::nullopt;

    DecimalRange range;
    if (!whole && multiple && *multiple != std::floor(*multiple)) range.point = decimalsOf(schema, "multipleOf", at);
    if (!whole && !multiple) {
        range.point = kDecimals;
        for (const char* keyword : kBounds) range.point = std::max(range.point, decimalsOf(schema, keyword, at));
    }
    for (const char* keyword : kBounds)
        if (const auto value = given(schema, keyword, at)) addBound(keyword, *value, range);
    if (multiple) {
        const auto step = scaled(*multiple, range.point);
        if (!step || *step < 1 || *step > DecimalRange::kMostMultiple)
            refuseKeyword(at, format("multipleOf: %g", *multiple));
        range.multiple = *step;
    }
    return range;
}

} // namespace nibble
