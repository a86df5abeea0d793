#include <base/child_process.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <thread>

namespace nibble {
namespace {

std::string run(const std::string& script, std::vector<std::string>& lines, double quietSeconds = 20,
                const std::stop_token& stop = {}) {
    return runChild(
        {"/bin/sh", "-c", script}, [&](const std::string& line) { lines.push_back(line); }, quietSeconds, stop);
}

TEST(ChildProcess, GivesItsLines) {
    std::vector<std::string> lines;
    EXPECT_EQ(run("echo one; printf 'tw'; sleep 0.1; echo o; cat", lines), "");
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
}

TEST(ChildProcess, SaysHowItFailed) {
    std::vector<std::string> lines;
    EXPECT_EQ(run("exit 3", lines), "it failed (exit code 3)");
    EXPECT_EQ(run("echo here; kill -SEGV $$", lines), "it crashed (signal 11)");
    EXPECT_EQ(lines, std::vector<std::string>{"here"});
}

TEST(ChildProcess, IsKilledWhereItHangs) {
    std::vector<std::string> lines;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(run("exec sleep 60", lines, 0.2), "it hung");
    EXPECT_EQ(run("yes | tr -d '\\n'", lines), "it printed nonsense") << "a line without end";
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(ChildProcess, IsKilledWhereItIsStopped) {
    std::stop_source stop;
    std::vector<std::string> lines;
    std::jthread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        stop.request_stop();
    });
    try {
        run("exec sleep 60", lines, 60, stop.get_token());
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::Canceled);
    }
}

TEST(ChildProcess, ThatIsNotThereIsAnError) {
    try {
        runChild({"/nonexistent/program"}, {}, 1, {});
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::Io);
        EXPECT_NE(e.detail.find("/nonexistent/program"), std::string::npos);
    }
}

} // namespace
} // namespace nibble
