#include "terminal.h"

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <nibble/human.h>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

namespace nibble::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr int kBarWidth = 20;

/// Calls f(codePoint, bytes of it) for each character; malformed bytes come as U+FFFD.
template<class F>
void eachCharacter(std::string_view text, F&& f) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = uint8_t(text[i]);
        const std::size_t n = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
        uint32_t code = n == 1 ? lead : lead & (0x7Fu >> n);
        bool good = n > 0 && i + n <= text.size();
        for (std::size_t k = 1; good && k < n; ++k) {
            good = (uint8_t(text[i + k]) & 0xC0) == 0x80;
            code = code << 6 | (uint8_t(text[i + k]) & 0x3Fu);
        }
        const std::size_t used = good ? n : 1;
        f(good ? code : 0xFFFDu, text.substr(i, used));
        i += used;
    }
}

bool isWide(uint32_t c) {
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

int terminalWidth() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string cut(const std::string& text, std::size_t columns) {
    std::string out;
    std::size_t used = 0;
    eachCharacter(text, [&](uint32_t code, std::string_view bytes) {
        used += isWide(code) ? 2 : 1;
        if (used <= columns) out += bytes;
    });
    return out;
}

} // namespace

bool isTerminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

std::size_t columnsOf(std::string_view text) {
    std::size_t columns = 0;
    eachCharacter(text, [&](uint32_t code, std::string_view) {
        const bool combining = (code >= 0x300 && code <= 0x36F) || code == 0x200D || (code >= 0xFE00 && code <= 0xFE0F);
        columns += combining ? 0 : isWide(code) ? 2 : 1;
    });
    return columns;
}

std::string safe(std::string_view text) {
    std::string out;
    eachCharacter(text, [&](uint32_t code, std::string_view bytes) {
        const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
        if (control || code == 0xFFFD)
            out += "\xEF\xBF\xBD";
        else
            out += bytes;
    });
    return out;
}

std::string text(const char* fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int size = std::vsnprintf(nullptr, 0, fmt, args);
    va_end(args);
    std::string out(size > 0 ? std::size_t(size) : 0, '\0');
    if (size > 0) std::vsnprintf(out.data(), out.size() + 1, fmt, again);
    va_end(again);
    return out;
}

std::string grouped(uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, 1, ' ');
    return digits;
}

void printJson(const nlohmann::json& object) {
    const std::string line = object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

void Table::print(std::FILE* out) const {
    std::vector<std::size_t> widths(m_alignment.size());
    for (const auto& row : m_rows)
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], columnsOf(row[i]));
    std::size_t total = 0;
    for (std::size_t width : widths) total += width + 2;
    for (const auto& row : m_rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            const std::string padding(widths[i] - columnsOf(row[i]), ' ');
            line += m_alignment[i] == 'r' ? padding + row[i] : row[i] + padding;
            line += "  ";
        }
        if (row.empty() && total > 2) line.assign(total - 2, '-');
        line.erase(line.find_last_not_of(' ') + 1);
        std::fprintf(out, "%s\n", line.c_str());
    }
}

ProgressLine::ProgressLine() : m_enabled(isTerminal(stderr)) {}

void ProgressLine::show(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!m_enabled || (m_drawn && progress.fraction < 1 && now - m_last < kRedraw)) return;
    m_last = now;
    m_drawn = true;
    const double fraction = std::clamp(progress.fraction, 0.0, 1.0);
    std::string line;
    for (int i = 0; i < kBarWidth; ++i) line += i < int(fraction * kBarWidth + 0.5) ? "█" : "░";
    line += text(" %3d %%  ", int(fraction * 100)) + safe(progress.stage);
    if (progress.secondsLeft >= 0 && progress.fraction < 1) line += ", " + humanSeconds(progress.secondsLeft) + " left";
    if (!progress.item.empty()) line += "  " + safe(progress.item);
    std::fprintf(stderr, "\r\033[K%s", cut(line, std::size_t(terminalWidth() - 1)).c_str());
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (!m_drawn) return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    m_drawn = false;
}

ProgressFn ProgressLine::callback() {
    return [this](const Progress& progress) { show(progress); };
}

namespace {

std::mutex jobMutex;
std::stop_source* runningJob = nullptr; // guarded by jobMutex

} // namespace

void Interrupts::install() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr); // inherited by every thread: only the one below takes them
    std::thread([signals] {
        for (int signal = 0; sigwait(&signals, &signal) == 0;) {
            const std::lock_guard lock(jobMutex);
            if (runningJob && runningJob->request_stop()) continue;
            std::fputs("\n", stderr);
            _exit(128 + signal);
        }
    }).detach();
}

Interrupts::Job::Job() {
    const std::lock_guard lock(jobMutex);
    runningJob = &m_source;
}

Interrupts::Job::~Job() {
    const std::lock_guard lock(jobMutex);
    runningJob = nullptr;
}

} // namespace nibble::cli
