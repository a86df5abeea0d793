// A program run for what it prints, which may crash or hang without harm.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

/// Runs command[0] with the other strings as arguments and an empty standard input; standard error is shared. Calls
/// `onLine` with each line of its standard output. The program is killed where it prints nothing for `quietSeconds`,
/// where stop is asked for, and where onLine throws. Returns "" where it ended with exit code 0, else in plain words
/// how it ended: "it crashed (signal 11)". Throws Error{Canceled}, Error{Io} where it cannot be started, and what
/// onLine throws.
std::string runChild(const std::vector<std::string>& command, const std::function<void(const std::string&)>& onLine,
                     double quietSeconds, const std::stop_token& stop);

} // namespace nibble
