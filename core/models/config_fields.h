// The fields of a JSON object of a Hugging Face folder, checked as they are read. Private to core/models.
#pragma once

#include <base/text.h>
#include <cmath>
#include <files/damaged.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace nibble {

/// null counts as absent. Errors name the file and the field.
class Fields {
public:
    using json = nlohmann::json;

    Fields(const json& object, std::string file, std::string prefix = {})
        : m_object(&object), m_file(std::move(file)), m_prefix(std::move(prefix)) {}

    /// The same fields; those that are not mentioned at all, not even as null, say what `defaults` says.
    Fields withDefaults(const json& defaults) const {
        Fields fields = *this;
        fields.m_defaults = &defaults;
        return fields;
    }
    const json* find(const char* name) const {
        const json& in = m_object->contains(name) || !m_defaults ? *m_object : *m_defaults;
        const auto it = in.find(name);
        return it == in.end() || it->is_null() ? nullptr : &*it;
    }
    std::optional<int64_t> integer(const char* name, int64_t min, int64_t max) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        const bool fits =
            value->is_number_unsigned() ? value->get<uint64_t>() <= uint64_t(INT64_MAX) : value->is_number_integer();
        if (!fits || value->get<int64_t>() < min || value->get<int64_t>() > max)
            bad(name, format("is not a whole number from %lld to %lld", static_cast<long long>(min),
                             static_cast<long long>(max)));
        return value->get<int64_t>();
    }
    std::optional<double> number(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_number() || !std::isfinite(value->get<double>())) bad(name, "is not a number");
        return value->get<double>();
    }
    /// A list of numbers; empty where absent.
    std::vector<float> numbers(const char* name) const {
        const json* value = find(name);
        if (!value) return {};
        std::vector<float> list;
        if (!value->is_array()) bad(name, "is not a list");
        for (const json& item : *value) {
            if (!item.is_number() || !std::isfinite(item.get<float>())) bad(name, "is not a list of numbers");
            list.push_back(item.get<float>());
        }
        return list;
    }
    std::optional<bool> flag(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_boolean()) bad(name, "is not true or false");
        return value->get<bool>();
    }
    std::optional<std::string> text(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_string()) bad(name, "is not a text");
        return value->get<std::string>();
    }
    /// The object of that name; nullopt where absent.
    std::optional<Fields> object(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_object()) bad(name, "is not an object");
        return Fields(*value, m_file, m_prefix + name + ".");
    }
    [[noreturn]] void bad(const char* name, const std::string& fact) const {
        throwDamaged(m_file, m_prefix + name, fact);
    }

private:
    const json* m_object;
    const json* m_defaults = nullptr;
    std::string m_file, m_prefix;
};

} // namespace nibble
