// Stop strings in streamed text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nibble {

/// Passes text through until one of the stop strings appears. What may still become a stop string is held back.
class StopStrings {
public:
    /// Empty strings are ignored.
    explicit StopStrings(const std::vector<std::string>& stops);
    /// The text that may be shown after `piece` arrived. Nothing more is let through once found() is true.
    std::string push(std::string_view piece);
    /// What was held back, when no more text comes.
    std::string flush();
    bool found() const { return m_found; }

private:
    std::vector<std::string> m_stops;
    std::string m_held;
    bool m_found = false;
};

} // namespace nibble
