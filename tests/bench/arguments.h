// The command line of the programs to measure with.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace nibble {

/// Numbers by name, "--rows 7"; everything else is kept in `rest`, in order.
inline void readArguments(int argc, char** argv, std::initializer_list<std::pair<const char*, int*>> numbers,
                          std::vector<std::string>& rest) {
    for (int i = 1; i < argc; ++i) {
        const std::string arg = argv[i];
        const auto number = std::find_if(numbers.begin(), numbers.end(), [&](const auto& n) { return arg == n.first; });
        if (number == numbers.end())
            rest.push_back(arg);
        else if (i + 1 < argc)
            *number->second = std::atoi(argv[++i]);
    }
}

/// Whether the list of formats to measure, empty for all, has this one.
inline bool isWanted(const std::vector<std::string>& names, const char* name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace nibble
