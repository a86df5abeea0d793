// Long work stands still while the computer has something more urgent to do: the window's engine that makes a model
// smaller pauses while its other one answers a person, so that answers come as fast as without it.
#pragma once

#include <chrono>

namespace nibble {

/// Of this process, from any thread: the compute threads of all pools stop before their next slice of work (which takes
/// milliseconds), and go on where they were.
void setPaused(bool on);
/// Returns at once, unless and until the process is not paused. For threads that compute.
void waitWhilePaused();
/// Of the steady clock, without the times that the process was paused.
std::chrono::steady_clock::duration workTime();

} // namespace nibble
