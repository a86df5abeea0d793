// JSON objects, one a line: the two ends of an engine process.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace nibble {

/// Reads lines of at most protocol::kMaxLineBytes, whatever comes.
class LineReader {
public:
    enum class Got { Line, TooLong, End };
    explicit LineReader(std::FILE* in) : m_in(in) {}
    /// The next line without its end. A longer one is skipped to its end and reported as TooLong.
    Got next(std::string& line);

private:
    std::FILE* m_in;
};

/// Writes whole lines from any thread.
class LineWriter {
public:
    explicit LineWriter(std::FILE* out) : m_out(out) {}
    /// Writes one line and flushes it. Bad UTF-8 inside (a path, say) becomes U+FFFD. False where the reader is gone or
    /// the line would be too long.
    bool write(const nlohmann::json& object);
    bool closed() const { return m_closed; }

private:
    std::FILE* m_out;
    std::mutex m_mutex;
    std::atomic<bool> m_closed = false;
};

/// Parses a request line. Throws Error{BadRequest} for bad UTF-8, bad JSON (with the byte where it stops making sense)
/// and nesting deeper than any request has.
nlohmann::json parseLine(const std::string& line);

} // namespace nibble
