#pragma once

namespace nibble::reader {

/// From here on this process gets little memory and time, writes no file, starts no program, and opens no file but
/// fonts and libraries below /usr: a file that takes the reader over has nothing to take. Where the kernel lacks one of
/// these it goes without; sockets are refused by the window (forbidNetwork).
void closeSandbox();

} // namespace nibble::reader
