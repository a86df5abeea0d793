// The bounds and multiples of a JSON schema's numbers. Private to core/text.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <text/number_grammar.h>

namespace nibble {

/// What minimum, exclusiveMinimum, maximum, exclusiveMaximum and multipleOf allow; none where there is none of them.
/// Throws Error{BadRequest, Unsupported}, naming the keyword below `at`.
std::optional<DecimalRange> decimalRangeOf(bool whole, const nlohmann::ordered_json& schema, const std::string& at);

} // namespace nibble
