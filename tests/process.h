// Running nibble-cli from a test.
#pragma once

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace nibble::test {

inline std::filesystem::path cliPath() { return std::filesystem::path(NIBBLE_BINARY_DIR) / "bin" / "nibble-cli"; }

/// A folder that is removed with everything in it.
class TempFolder {
public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "nibble-test-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        m_path = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return m_path / name; }
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// nibble-cli as a child with its three streams on pipes.
class Process {
public:
    explicit Process(const std::vector<std::string>& arguments) {
        int in[2], out[2], err[2];
        if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) throw std::runtime_error("pipe");
        std::string program = cliPath().string();
        std::vector<char*> argv{program.data()};
        std::vector<std::string> copies = arguments;
        for (std::string& argument : copies) argv.push_back(argument.data());
        argv.push_back(nullptr);
        m_pid = fork();
        if (m_pid == 0) {
            dup2(in[0], 0);
            dup2(out[1], 1);
            dup2(err[1], 2);
            std::signal(SIGPIPE, SIG_DFL);
            execv(argv[0], argv.data());
            _exit(127);
        }
        std::signal(SIGPIPE, SIG_IGN);
        close(in[0]);
        close(out[1]);
        close(err[1]);
        m_in = in[1];
        m_out = out[0];
        m_err = err[0];
    }
    ~Process() {
        if (m_pid > 0 && !m_status) {
            kill(m_pid, SIGKILL);
            wait();
        }
        closeInput();
        closeOutput();
        if (m_err >= 0) close(m_err);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return m_pid; }
    void signal(int number) const { kill(m_pid, number); }

    bool write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t n = ::write(m_in, text.data(), text.size());
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            text.remove_prefix(std::size_t(n));
        }
        return true;
    }
    void closeInput() {
        if (m_in >= 0) close(m_in);
        m_in = -1;
    }
    void closeOutput() {
        if (m_out >= 0) close(m_out);
        m_out = -1;
    }

    /// The next line of standard output; empty at its end or after `seconds`.
    std::optional<std::string> line(double seconds = 60) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        for (;;) {
            if (const auto end = m_buffer.find('\n'); end != std::string::npos) {
                std::string text = m_buffer.substr(0, end);
                m_buffer.erase(0, end + 1);
                return text;
            }
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            pollfd ready{m_out, POLLIN, 0};
            if (left.count() <= 0 || poll(&ready, 1, int(left.count())) <= 0 || !fill(m_out, m_buffer)) return {};
        }
    }

    /// Reads both outputs to their ends, then waits. The exit code, or 128 + the signal that ended the process.
    int finish(std::string& out, std::string& err) {
        closeInput();
        out.swap(m_buffer);
        bool outOpen = true, errOpen = true;
        while (outOpen || errOpen) {
            pollfd ready[2] = {{outOpen ? m_out : -1, POLLIN, 0}, {errOpen ? m_err : -1, POLLIN, 0}};
            if (poll(ready, 2, 120000) <= 0) break;
            if (ready[0].revents && !fill(m_out, out)) outOpen = false;
            if (ready[1].revents && !fill(m_err, err)) errOpen = false;
        }
        return wait();
    }
    int wait() {
        if (!m_status) {
            int status = 0;
            waitpid(m_pid, &status, 0);
            m_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        return *m_status;
    }

private:
    static bool fill(int fd, std::string& buffer) {
        char bytes[65536];
        const ssize_t n = read(fd, bytes, sizeof bytes);
        if (n > 0) buffer.append(bytes, std::size_t(n));
        return n > 0 || (n < 0 && errno == EINTR);
    }

    pid_t m_pid = -1;
    int m_in = -1, m_out = -1, m_err = -1;
    std::string m_buffer;
    std::optional<int> m_status;
};

struct CliResult {
    int code = 0;
    std::string out, err;
    nlohmann::json json() const { return nlohmann::json::parse(out); }
};

/// Runs nibble-cli to its end.
inline CliResult runCli(const std::vector<std::string>& arguments, std::string_view input = {}) {
    Process process(arguments);
    process.write(input);
    CliResult result;
    result.code = process.finish(result.out, result.err);
    return result;
}

} // namespace nibble::test
