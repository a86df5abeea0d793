// What nibble-cli shows and how it is interrupted.
#pragma once

#include <chrono>
#include <cstdio>
#include <nibble/progress.h>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace nibble::cli {

bool isTerminal(std::FILE* stream);
/// Columns that `text` (UTF-8) takes on a terminal, near enough: one per character, two for East Asian wide ones.
std::size_t columnsOf(std::string_view text);
/// `text` without control characters, so that a file's name cannot steer the terminal.
std::string safe(std::string_view text);
/// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string text(const char* fmt, ...);
/// A whole number with its thousands apart: "134 515 008".
std::string grouped(uint64_t value);
/// The one object that --json prints.
void printJson(const nlohmann::json& object);

/// Rows of cells in aligned columns. Cells of a column marked 'r' in `alignment` are set to the right.
class Table {
public:
    explicit Table(std::string alignment) : m_alignment(std::move(alignment)) {}
    void add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }
    /// A line under the rows so far.
    void rule() { m_rows.emplace_back(); }
    void print(std::FILE* out) const;

private:
    std::string m_alignment;
    std::vector<std::vector<std::string>> m_rows;
};

/// One line on standard error that is drawn over and over; nothing where that is not a terminal.
class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine() { clear(); }
    void show(const Progress& progress);
    void clear();
    /// For the verbs of the engine.
    ProgressFn callback();

private:
    bool m_enabled, m_drawn = false;
    std::chrono::steady_clock::time_point m_last{};
};

/// Ctrl-C. While a job runs it is asked to stop (and a second Ctrl-C ends the program at once); otherwise the program
/// ends.
class Interrupts {
public:
    /// Call once in main before any thread is started.
    static void install();
    /// From construction to destruction a job is running.
    class Job {
    public:
        Job();
        ~Job();
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;
        std::stop_token token() const { return m_source.get_token(); }

    private:
        std::stop_source m_source;
    };
};

} // namespace nibble::cli
