#include <run/stop_strings.h>

#include <algorithm>
#include <utility>

namespace nibble {

StopStrings::StopStrings(const std::vector<std::string>& stops) {
    for (const std::string& stop : stops)
        if (!stop.empty()) m_stops.push_back(stop);
}

std::string StopStrings::push(std::string_view piece) {
    if (m_found) return {};
    m_held += piece;

    std::size_t first = std::string::npos;
    for (const std::string& stop : m_stops) first = std::min(first, m_held.find(stop));
    if (first != std::string::npos) {
        m_found = true;
        m_held.resize(first);
        return std::exchange(m_held, {});
    }

    std::size_t keep = 0; // the longest end of the text that a stop string begins with
    for (const std::string& stop : m_stops) {
        for (std::size_t n = std::min(stop.size() - 1, m_held.size()); n > keep; --n)
            if (m_held.ends_with(std::string_view(stop).substr(0, n))) keep = n;
    }
    std::string shown = m_held.substr(0, m_held.size() - keep);
    m_held.erase(0, shown.size());
    return shown;
}

std::string StopStrings::flush() { return std::exchange(m_held, {}); }

} // namespace nibble
