#include <base/child_process.h>
#include <base/text.h>
#include <base/unix_file.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <nibble/error.h>
#include <nibble/progress.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace nibble {

namespace {

using Clock = std::chrono::steady_clock;

class Child {
public:
    explicit Child(std::vector<std::string> command) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) throwFailed(command[0], errno);
        m_out = UniqueFd(ends[0]);
        const UniqueFd in(ends[1]);
        std::vector<char*> arguments;
        for (std::string& argument : command) arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, in.get(), 1);
        const int error = posix_spawn(&m_pid, arguments[0], &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) throwFailed(command[0], error);
    }
    ~Child() {
        if (m_pid <= 0) return;
        kill(m_pid, SIGKILL);
        wait();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int out() const { return m_out.get(); }
    /// Its status, as of waitpid().
    int wait() {
        int status = 0;
        while (waitpid(m_pid, &status, 0) < 0 && errno == EINTR) continue;
        m_pid = 0;
        return status;
    }

private:
    [[noreturn]] static void throwFailed(const std::string& program, int error) {
        throw Error(ErrorKind::Io, "A part of Nibble could not be started.", program + ": " + std::strerror(error));
    }
    pid_t m_pid = 0;
    UniqueFd m_out;
};

constexpr std::size_t kLongestLine = 1 << 20;

} // namespace

std::string runChild(const std::vector<std::string>& command, const std::function<void(const std::string&)>& onLine,
                     double quietSeconds, const std::stop_token& stop) {
    Child child(command);
    std::string text;
    Clock::time_point heard = Clock::now();
    for (;;) {
        throwIfStopped(stop);
        if (std::chrono::duration<double>(Clock::now() - heard).count() > quietSeconds) return "it hung";
        pollfd ready{child.out(), POLLIN, 0};
        if (poll(&ready, 1, 50) <= 0) continue;
        char bytes[4096];
        const ssize_t n = read(child.out(), bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        heard = Clock::now();
        text.append(bytes, std::size_t(n));
        for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
            onLine(text.substr(0, end));
        if (text.size() > kLongestLine) return "it printed nonsense";
    }
    const int status = child.wait();
    if (WIFSIGNALED(status)) return format("it crashed (signal %d)", WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? "" : format("it failed (exit code %d)", WEXITSTATUS(status));
}

} // namespace nibble
