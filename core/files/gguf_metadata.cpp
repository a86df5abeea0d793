#include <base/text.h>
#include <cmath>
#include <files/damaged.h>
#include <files/gguf.h>
#include <type_traits>

namespace nibble {

namespace {

template<class T>
inline constexpr bool kIsInteger = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// The value as int64_t in [min, max], or a sentence about why it is not.
template<class T>
std::string toInteger(T value, int64_t min, int64_t max, int64_t& out) {
    if (std::in_range<int64_t>(value) && int64_t(value) >= min && int64_t(value) <= max) {
        out = int64_t(value);
        return {};
    }
    return "is " + std::to_string(value) + ", expected " + std::to_string(min) + " to " + std::to_string(max);
}

} // namespace

void GgufMetadata::set(std::string key, GgufValue value) {
    const auto [it, isNew] = m_index.try_emplace(key, m_entries.size());
    if (isNew)
        m_entries.emplace_back(std::move(key), std::move(value));
    else
        m_entries[it->second].second = std::move(value);
}

void GgufMetadata::remove(std::string_view key) {
    const auto it = m_index.find(key);
    if (it == m_index.end()) return;
    const std::size_t at = it->second;
    m_index.erase(it);
    m_entries.erase(m_entries.begin() + std::ptrdiff_t(at));
    for (auto& [name, index] : m_index)
        if (index > at) --index;
}

const GgufValue* GgufMetadata::find(std::string_view key) const {
    const auto it = m_index.find(key);
    return it == m_index.end() ? nullptr : &m_entries[it->second].second;
}

std::optional<std::string> GgufMetadata::string(std::string_view key) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    if (const auto* text = std::get_if<std::string>(value)) return *text;
    throwDamaged(origin, key, "is not a text");
}

std::optional<bool> GgufMetadata::boolean(std::string_view key) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    if (const auto* flag = std::get_if<bool>(value)) return *flag;
    throwDamaged(origin, key, "is not true or false");
}

std::optional<double> GgufMetadata::number(std::string_view key) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    return std::visit(
        [&](const auto& v) -> double {
            using T = std::decay_t<decltype(v)>;
            if constexpr (kIsInteger<T>) {
                return double(v);
            } else if constexpr (std::is_floating_point_v<T>) {
                if (!std::isfinite(v)) throwDamaged(origin, key, "is not a finite number");
                return double(v);
            } else {
                throwDamaged(origin, key, "is not a number");
            }
        },
        *value);
}

std::optional<int64_t> GgufMetadata::integer(std::string_view key, int64_t min, int64_t max) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    return std::visit(
        [&](const auto& v) -> int64_t {
            if constexpr (kIsInteger<std::decay_t<decltype(v)>>) {
                int64_t result = 0;
                const std::string wrong = toInteger(v, min, max, result);
                if (!wrong.empty()) throwDamaged(origin, key, wrong);
                return result;
            } else {
                throwDamaged(origin, key, "is not a whole number");
            }
        },
        *value);
}

std::optional<std::vector<int64_t>> GgufMetadata::integers(std::string_view key, int64_t min, int64_t max) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    return std::visit(
        [&](const auto& v) -> std::vector<int64_t> {
            using T = std::decay_t<decltype(v)>;
            if constexpr (kIsInteger<T>) {
                return {*integer(key, min, max)};
            } else if constexpr (requires { typename T::value_type; }) {
                if constexpr (kIsInteger<typename T::value_type> && !std::is_same_v<T, std::string>) {
                    std::vector<int64_t> result(v.size());
                    for (std::size_t i = 0; i < v.size(); ++i) {
                        const std::string wrong = toInteger(v[i], min, max, result[i]);
                        if (!wrong.empty()) throwDamaged(origin, format("%s[%zu]", printable(key).c_str(), i), wrong);
                    }
                    return result;
                }
            }
            throwDamaged(origin, key, "is not a list of whole numbers");
        },
        *value);
}

const std::vector<std::string>* GgufMetadata::strings(std::string_view key) const {
    const GgufValue* value = find(key);
    if (!value) return nullptr;
    if (const auto* list = std::get_if<std::vector<std::string>>(value)) return list;
    throwDamaged(origin, key, "is not a list of texts");
}

std::optional<std::vector<float>> GgufMetadata::floats(std::string_view key) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    if (const auto* list = std::get_if<std::vector<float>>(value)) return *list;
    if (const auto* list = std::get_if<std::vector<double>>(value))
        return std::vector<float>(list->begin(), list->end());
    throwDamaged(origin, key, "is not a list of numbers");
}

std::optional<std::vector<bool>> GgufMetadata::booleans(std::string_view key) const {
    const GgufValue* value = find(key);
    if (!value) return std::nullopt;
    if (const auto* list = std::get_if<std::vector<bool>>(value)) return *list;
    throwDamaged(origin, key, "is not a list of true and false");
}

std::string GgufMetadata::requireString(std::string_view key) const {
    if (auto value = string(key)) return *std::move(value);
    throwDamaged(origin, key, "is missing");
}

int64_t GgufMetadata::requireInteger(std::string_view key, int64_t min, int64_t max) const {
    if (const auto value = integer(key, min, max)) return *value;
    throwDamaged(origin, key, "is missing");
}

double GgufMetadata::requireNumber(std::string_view key) const {
    if (const auto value = number(key)) return *value;
    throwDamaged(origin, key, "is missing");
}

} // namespace nibble
