// Reading a request's fields: every one is checked for type and range, and a fault names the field.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

/// The fields of one JSON object. All getters throw Error{BadRequest}. With a fallback a field may be absent (null
/// counts as absent); without one it must be there.
class Params {
public:
    /// `where` names the object in errors, "params" for example. `object` must outlive this.
    Params(const nlohmann::json& object, std::string where);

    std::string text(std::string_view field);
    std::string text(std::string_view field, std::string fallback);
    /// One of a few words.
    std::string choice(std::string_view field, std::string fallback, std::initializer_list<std::string_view> allowed);
    /// A path that is not empty.
    std::filesystem::path path(std::string_view field);
    std::filesystem::path path(std::string_view field, std::filesystem::path fallback);
    /// A list, which must be there, of paths that are not empty.
    std::vector<std::filesystem::path> paths(std::string_view field);
    int64_t integer(std::string_view field, int64_t min, int64_t max);
    int32_t integer(std::string_view field, int32_t fallback, int32_t min, int32_t max);
    /// Any unsigned 64-bit number.
    uint64_t seed(std::string_view field, uint64_t fallback);
    float number(std::string_view field, float fallback, float min, float max);
    bool flag(std::string_view field, bool fallback);
    std::optional<bool> optionalFlag(std::string_view field);
    /// An array of whole numbers; empty where absent.
    std::vector<int32_t> integers(std::string_view field, int32_t min, int32_t max);
    /// An array of strings.
    std::vector<std::string> texts(std::string_view field, std::vector<std::string> fallback = {});
    /// An array of objects that must be there; at most `most`.
    std::vector<Params> objects(std::string_view field, std::size_t most);
    /// A value that must be there and that the caller checks.
    const nlohmann::json& raw(std::string_view field) { return require(field); }
    /// An object; an empty one where absent.
    Params object(std::string_view field);

    /// Throws where the object has a field that nobody asked for: a misspelt option is an error, not a default.
    void rejectUnknown() const;

private:
    const nlohmann::json* find(std::string_view field);
    const nlohmann::json& require(std::string_view field);
    std::string name(std::string_view field) const { return m_where + "." + std::string(field); }

    const nlohmann::json& m_object;
    std::string m_where;
    std::set<std::string, std::less<>> m_known;
};

} // namespace nibble
