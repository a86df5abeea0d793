// The tasks that come with Nibble.
#pragma once

#include <string_view>

namespace nibble {

/// resources/tasks/office.json, part of the program. Written for Nibble.
std::string_view officeTaskText();

} // namespace nibble
