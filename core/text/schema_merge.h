// JSON schemas that hold together (allOf, or keywords beside $ref, anyOf and oneOf) as one, and schemas of which no
// text can follow two at once.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nibble {

/// What $ref names.
using SchemaOfReference = std::function<const nlohmann::ordered_json&(const std::string& pointer)>;

/// A schema that only what follows both `a` and `b` follows; neither holds $ref, anyOf, oneOf or allOf at its top. None
/// where nothing follows both. Throws std::string, the keyword that stands in both and cannot be joined.
std::optional<nlohmann::ordered_json> merged(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

/// Whether no text that is written by schema `a` follows schema `b`, as far as types, values and required properties
/// show it. `looks` is how many pairs of schemas may be looked at, and goes down; none left: false.
bool neverFollows(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b, const SchemaOfReference& lookUp,
                  int& looks);

/// The types a schema names or its keywords speak of; empty: any.
std::vector<std::string> schemaTypes(const nlohmann::ordered_json& schema);
/// Keywords that speak of values of one type.
struct KeywordOfType {
    std::string_view keyword, type; // "number": of numbers and integers
};
extern const std::span<const KeywordOfType> kKeywordsOfTypes;
/// Whether a value is of a type, as "type" means it.
bool isOfType(const nlohmann::ordered_json& value, const std::string& type);

} // namespace nibble
