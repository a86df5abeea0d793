// Regular expressions (ECMA 262, as JSON Schema has them) as grammars of JSON strings.
//
// Read: characters, ".", classes, \d \w \s and their opposites, groups, "|", the quantifiers, "^" and "$" at the ends
// of an alternative. Not read: what looks around or back (lookahead, \1, \b), names of groups and \p{...}.
#pragma once

#include <text/json_grammar.h>

namespace nibble {

inline constexpr std::size_t kMaxPatternBytes = 4096;

/// The JSON strings that `pattern` is found in and that have min to max characters, each character written in one way:
/// itself, or the short escape where it needs one. Throws std::string, what of the pattern cannot be promised.
Grammar::Node patternNode(Grammar& grammar, const std::string& pattern, int32_t min, int32_t max);

/// The pattern of a format ("date", "date-time", "time", "email", "uuid", "ipv4"); null where it is not known. What
/// they allow is a part of the format: years from 1000 on, addresses of plain letters.
const char* patternOfFormat(std::string_view format);

} // namespace nibble
