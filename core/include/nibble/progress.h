// How long work reports what it has done and how it is stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace nibble {

/// One report of a running job. `fraction` is 0..1; `secondsLeft` < 0 means not known yet.
struct Progress {
    std::string stage; // "Reading", "Making smaller", ...: plain words, shown as they are
    std::string item;  // what is being worked on, for example a tensor's name
    double fraction = 0;
    double secondsLeft = -1;
};

/// Called on the thread that called the verb, at most about 20 times a second. May be empty.
using ProgressFn = std::function<void(const Progress&)>;

/// Throws Error{Canceled} where stop was asked for.
void throwIfStopped(const std::stop_token& stop);

} // namespace nibble
