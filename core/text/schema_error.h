// What is wrong with a JSON schema, and where. Private to core/text.
#pragma once

#include <base/text.h>
#include <nibble/error.h>
#include <string>

namespace nibble {

/// `at`: "#/properties/name".
[[noreturn]] inline void refuseSchema(const std::string& at, const std::string& why) {
    throw Error(ErrorKind::BadRequest, "The JSON schema cannot be read.", "schema " + at + ": " + why,
                "Correct the schema.");
}

/// Not wrong, but more than we can keep.
[[noreturn]] inline void refuseKeyword(const std::string& at, const std::string& keyword) {
    throw Error(ErrorKind::Unsupported,
                "Nibble cannot promise \"" + printable(keyword, 60) + "\" of the JSON schema yet.", "schema " + at,
                "Leave it out and check the answer yourself.");
}

} // namespace nibble
