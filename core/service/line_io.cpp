#include <base/text.h>
#include <nibble/error.h>
#include <nibble/protocol.h>
#include <service/line_io.h>

namespace nibble {

using nlohmann::json;

namespace {

constexpr int kMostNesting = 16;

} // namespace

LineReader::Got LineReader::next(std::string& line) {
    line.clear();
    bool tooLong = false;
    for (;;) {
        const int c = getc_unlocked(m_in); // only one thread reads
        if (c == EOF || c == '\n') {
            if (tooLong) return Got::TooLong;
            if (c == EOF && line.empty()) return Got::End;
            if (!line.empty() && line.back() == '\r') line.pop_back();
            return Got::Line;
        }
        if (line.size() < std::size_t(protocol::kMaxLineBytes))
            line.push_back(char(c));
        else
            tooLong = true;
    }
}

bool LineWriter::write(const json& object) {
    std::string line = object.dump(-1, ' ', false, json::error_handler_t::replace);
    if (line.size() > std::size_t(protocol::kMaxLineBytes)) return false;
    line += '\n';
    const std::lock_guard lock(m_mutex);
    if (m_closed) return false;
    if (std::fwrite(line.data(), 1, line.size(), m_out) != line.size() || std::fflush(m_out) != 0) m_closed = true;
    return !m_closed;
}

json parseLine(const std::string& line) {
    if (!isUtf8(line)) throw Error(ErrorKind::BadRequest, "The line is not valid UTF-8 text.", printable(line, 80));
    if (line.find('\0') != std::string::npos) // the parser would take it for the end
        throw Error(ErrorKind::BadRequest, "The line is not valid JSON.", "it contains a zero character");
    const auto limitNesting = [](int depth, json::parse_event_t, json&) {
        if (depth > kMostNesting)
            throw Error(ErrorKind::BadRequest, "The line is nested too deeply.",
                        "more than " + std::to_string(kMostNesting) + " levels");
        return true;
    };
    try {
        return json::parse(line, limitNesting);
    } catch (const json::parse_error& error) {
        throw Error(ErrorKind::BadRequest, "The line is not valid JSON.",
                    "at byte " + std::to_string(error.byte) + ": " + printable(line, 80));
    } catch (const json::out_of_range& error) { // a number beyond any double
        throw Error(ErrorKind::BadRequest, "The line is not valid JSON.", printable(error.what(), 120));
    }
}

} // namespace nibble
