#include <base/text.h>
#include <cmath>
#include <nibble/error.h>
#include <nibble/sampling.h>
#include <service/params.h>

namespace nibble {

using nlohmann::json;

namespace {

constexpr std::size_t kMostEntries = 1000;

[[noreturn]] void fail(const std::string& field, const std::string& problem) {
    throw Error(ErrorKind::BadRequest, "The request is not understood: " + field + " " + problem + ".", field);
}

std::string textOf(const json& value, const std::string& field) {
    if (!value.is_string()) fail(field, std::string("must be text, not ") + value.type_name());
    std::string text = value.get<std::string>();
    if (text.find('\0') != std::string::npos) fail(field, "must not contain a zero character");
    return text;
}

int64_t integerOf(const json& value, const std::string& field, int64_t min, int64_t max) {
    const bool whole = value.is_number_integer() && (!value.is_number_unsigned() || value.get<uint64_t>() <= INT64_MAX);
    if (!whole || value.get<int64_t>() < min || value.get<int64_t>() > max)
        fail(field, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return value.get<int64_t>();
}

/// The value if it is a list of at most kMostEntries.
const json& listOf(const json& value, const std::string& field, const char* entries) {
    if (!value.is_array()) fail(field, std::string("must be a list of ") + entries + ", not " + value.type_name());
    if (value.size() > kMostEntries) fail(field, "has more than " + std::to_string(kMostEntries) + " entries");
    return value;
}

const json& emptyObject() {
    static const json empty = json::object();
    return empty;
}

} // namespace

Params::Params(const json& object, std::string where) : m_object(object), m_where(std::move(where)) {
    if (!object.is_object()) fail(m_where, std::string("must be an object, not ") + object.type_name());
}

const json* Params::find(std::string_view field) {
    const auto known = m_known.emplace(field).first;
    const auto it = m_object.find(*known);
    return it == m_object.end() || it->is_null() ? nullptr : &*it;
}

const json& Params::require(std::string_view field) {
    const json* value = find(field);
    if (!value) fail(name(field), "is missing");
    return *value;
}

std::string Params::text(std::string_view field) { return textOf(require(field), name(field)); }

std::string Params::text(std::string_view field, std::string fallback) {
    const json* value = find(field);
    return value ? textOf(*value, name(field)) : fallback;
}

std::string Params::choice(std::string_view field, std::string fallback,
                           std::initializer_list<std::string_view> allowed) {
    std::string value = text(field, std::move(fallback)), list;
    for (std::string_view word : allowed) {
        if (value == word) return value;
        list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
    }
    fail(name(field), "must be one of " + list + ", not \"" + printable(value, 40) + "\"");
}

std::filesystem::path Params::path(std::string_view field) {
    std::string value = text(field);
    if (value.empty()) fail(name(field), "must not be empty");
    return value;
}

std::filesystem::path Params::path(std::string_view field, std::filesystem::path fallback) {
    const json* value = find(field);
    return value ? std::filesystem::path(textOf(*value, name(field))) : fallback;
}

std::vector<std::filesystem::path> Params::paths(std::string_view field) {
    require(field);
    const std::vector<std::string> values = texts(field);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i].empty()) fail(name(field) + "[" + std::to_string(i) + "]", "must not be empty");
    return {values.begin(), values.end()};
}

int64_t Params::integer(std::string_view field, int64_t min, int64_t max) {
    return integerOf(require(field), name(field), min, max);
}

int32_t Params::integer(std::string_view field, int32_t fallback, int32_t min, int32_t max) {
    const json* value = find(field);
    return value ? int32_t(integerOf(*value, name(field), min, max)) : fallback;
}

uint64_t Params::seed(std::string_view field, uint64_t fallback) {
    const json* value = find(field);
    if (!value) return fallback;
    if (!value->is_number_unsigned() || value->get<uint64_t>() > kMaxSeed)
        fail(name(field), nibble::format("must be a whole number from 0 to %llu", (unsigned long long)kMaxSeed));
    return value->get<uint64_t>();
}

float Params::number(std::string_view field, float fallback, float min, float max) {
    const json* value = find(field);
    if (!value) return fallback;
    const double number = value->is_number() ? value->get<double>() : NAN;
    if (!(number >= double(min) && number <= double(max)))
        fail(name(field), nibble::format("must be a number from %g to %g", double(min), double(max)));
    return float(number);
}

bool Params::flag(std::string_view field, bool fallback) {
    const json* value = find(field);
    if (!value) return fallback;
    if (!value->is_boolean()) fail(name(field), std::string("must be true or false, not ") + value->type_name());
    return value->get<bool>();
}

std::optional<bool> Params::optionalFlag(std::string_view field) {
    return find(field) ? std::optional(flag(field, false)) : std::nullopt;
}

std::vector<int32_t> Params::integers(std::string_view field, int32_t min, int32_t max) {
    const json* value = find(field);
    if (!value) return {};
    std::vector<int32_t> out;
    for (const json& entry : listOf(*value, name(field), "whole numbers"))
        out.push_back(int32_t(integerOf(entry, name(field) + "[" + std::to_string(out.size()) + "]", min, max)));
    return out;
}

std::vector<std::string> Params::texts(std::string_view field, std::vector<std::string> fallback) {
    const json* value = find(field);
    if (!value) return fallback;
    std::vector<std::string> out;
    for (const json& entry : listOf(*value, name(field), "texts"))
        out.push_back(textOf(entry, name(field) + "[" + std::to_string(out.size()) + "]"));
    return out;
}

std::vector<Params> Params::objects(std::string_view field, std::size_t most) {
    const json& value = require(field);
    if (!value.is_array()) fail(name(field), std::string("must be a list of objects, not ") + value.type_name());
    if (value.size() > most) fail(name(field), "has more than " + std::to_string(most) + " entries");
    std::vector<Params> out;
    for (std::size_t i = 0; i < value.size(); ++i)
        out.emplace_back(value[i], name(field) + "[" + std::to_string(i) + "]");
    return out;
}

Params Params::object(std::string_view field) {
    const json* value = find(field);
    return Params(value ? *value : emptyObject(), name(field));
}

void Params::rejectUnknown() const {
    for (const auto& [field, value] : m_object.items())
        if (!m_known.contains(field)) fail(name(printable(field, 60)), "is not a known field");
}

} // namespace nibble
