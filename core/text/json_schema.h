// JSON schemas as grammars: a model that writes by one writes JSON that follows the schema.
//
// Followed (JSON Schema 2020-12): type (one or a list), properties, required, additionalProperties, items, minItems,
// maxItems, minLength, maxLength, pattern (pattern_grammar.h), format (date, time, date-time, email, uuid, ipv4),
// minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, enum, const, anyOf, oneOf whose schemas differ in
// type, values or required properties, allOf and keywords side by side where they can be joined (schema_merge.h), $ref
// to "#", "#/$defs/..." and "#/definitions/...". Words that only describe (title, description, ...) are passed over;
// every other keyword is refused by name, since an answer that ignores it would not follow the schema.
//
// Written is a part of what a schema allows: properties in the schema's order and no others than those it names,
// numbers of at most 15 digits (where they have bounds without exponents), at most kMostRepeats items or characters,
// little white space.
#pragma once

#include <memory>
#include <string_view>
#include <text/grammar.h>

namespace nibble {

inline constexpr std::size_t kMaxSchemaBytes = 1 << 20;
inline constexpr int32_t kMostRepeats = 10'000;

/// Throws Error{BadRequest} where `schema` is no schema or nothing follows it, Error{Unsupported} naming the place and
/// the keyword.
std::shared_ptr<const Grammar> grammarOfJsonSchema(std::string_view schema);

} // namespace nibble
