#include <base/atomic_file.h>
#include <base/text.h>
#include <csignal>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace nibble {
namespace {

std::span<const std::byte> bytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

std::size_t filesIn(const std::filesystem::path& folder) {
    return std::size_t(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// The Error that f throws.
template<class F>
Error errorOf(F&& f) {
    try {
        f();
    } catch (const Error& e) {
        return e;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorKind::Internal, "");
}

/// With a file that has no name until commit, and with a hidden one beside the target.
class AtomicFiles : public testing::TestWithParam<bool> {
protected:
    std::unique_ptr<AtomicFile> make(bool replace = true, uint64_t expected = 0) {
        return std::make_unique<AtomicFile>(target, expected, replace, GetParam());
    }

    test::TempFolder folder;
    std::filesystem::path target = folder / "out.gguf";
};
INSTANTIATE_TEST_SUITE_P(, AtomicFiles, testing::Bool(), [](const auto& p) { return p.param ? "Unnamed" : "Hidden"; });

TEST_P(AtomicFiles, AppearWhole) {
    const auto file = make();
    file->write(bytesOf("hello "));
    EXPECT_FALSE(std::filesystem::exists(target));
    file->write(bytesOf("world"));
    file->writeAt(0, bytesOf("H"));
    EXPECT_EQ(file->size(), 11u);
    file->commit();
    EXPECT_EQ(readTextFile(target, 100), "Hello world");
    EXPECT_EQ(filesIn(folder.path()), 1u);
}

TEST_P(AtomicFiles, LeaveNothingWithoutCommit) {
    make()->write(bytesOf("half"));
    EXPECT_EQ(filesIn(folder.path()), 0u);
}

TEST_P(AtomicFiles, ReplaceOnlyInCommit) {
    std::ofstream(target) << "old";
    {
        const auto file = make();
        file->write(bytesOf("new"));
        EXPECT_EQ(readTextFile(target, 100), "old");
    }
    EXPECT_EQ(readTextFile(target, 100), "old");
    const auto file = make();
    file->write(bytesOf("new"));
    file->commit();
    EXPECT_EQ(readTextFile(target, 100), "new");
    EXPECT_EQ(filesIn(folder.path()), 1u);
}

TEST_P(AtomicFiles, DoNotReplaceWhereToldSo) {
    std::ofstream(target) << "old";
    const Error atOnce = errorOf([&] { make(false); });
    EXPECT_EQ(atOnce.kind, ErrorKind::BadRequest);
    EXPECT_NE(atOnce.message.find("out.gguf"), std::string::npos);

    std::filesystem::remove(target);
    const auto file = make(false);
    std::ofstream(target) << "appeared meanwhile";
    EXPECT_EQ(errorOf([&] { file->commit(); }).kind, ErrorKind::BadRequest);
    EXPECT_EQ(readTextFile(target, 100), "appeared meanwhile");
}

TEST_P(AtomicFiles, LeaveNothingForTheNextAfterAKill) {
    const pid_t child = fork();
    if (child == 0) {
        const auto file = make();
        file->write(bytesOf("half"));
        raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(filesIn(folder.path()), GetParam() ? 0u : 1u);
    EXPECT_FALSE(std::filesystem::exists(target));
    make();
    EXPECT_EQ(filesIn(folder.path()), 0u);
}

TEST_P(AtomicFiles, LeaveAnotherWriterInPeace) {
    const auto first = make(), second = make();
    first->write(bytesOf("first"));
    second->write(bytesOf("second"));
    first->commit();
    second->commit();
    EXPECT_EQ(readTextFile(target, 100), "second");
    EXPECT_EQ(filesIn(folder.path()), 1u);
}

TEST_P(AtomicFiles, SayHowMuchSpaceIsMissing) {
    const Error e = errorOf([&] { make(true, uint64_t(1) << 60); });
    EXPECT_EQ(e.kind, ErrorKind::NoSpace);
    EXPECT_NE(e.message.find("missing"), std::string::npos) << e.message;
    EXPECT_NE(e.detail.find("out.gguf"), std::string::npos);
    EXPECT_FALSE(e.whatToDo.empty());
    EXPECT_EQ(filesIn(folder.path()), 0u);
}

TEST_P(AtomicFiles, FailOnAFullDisk) {
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0)
        GTEST_SKIP() << "needs the right to mount";
    {
        const auto file = make();
        const std::string chunk(16'384, 'x');
        const Error e = errorOf([&] {
            for (int i = 0; i < 20; ++i) file->write(bytesOf(chunk));
        });
        EXPECT_EQ(e.kind, ErrorKind::NoSpace);
        EXPECT_NE(e.detail.find("out.gguf"), std::string::npos);
        EXPECT_FALSE(e.whatToDo.empty());
    }
    EXPECT_EQ(filesIn(folder.path()), 0u);
    ::umount(folder.path().c_str());
}

TEST_P(AtomicFiles, FailBeyondTheLargestFileAllowed) {
    // In a child, for the limit stays.
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{10'000, 10'000};
        setrlimit(RLIMIT_FSIZE, &limit);
        int code = 1;
        try {
            make()->write(bytesOf(std::string(20'000, 'x')));
        } catch (const Error& e) {
            code = e.kind == ErrorKind::NoSpace && e.detail.find("out.gguf") != std::string::npos ? 0 : 2;
        }
        _exit(code);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_EQ(filesIn(folder.path()), 0u);
}

TEST_P(AtomicFiles, SayWhatToDoAboutAReadOnlyFolder) {
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    const bool isRoot = geteuid() == 0;
    if (isRoot && seteuid(65534) != 0) GTEST_SKIP() << "root may write anywhere";
    const Error e = errorOf([&] { make(); });
    ASSERT_TRUE(!isRoot || seteuid(0) == 0);
    EXPECT_EQ(e.kind, ErrorKind::Io);
    EXPECT_NE(e.message.find(folder.path().string()), std::string::npos) << e.message;
    EXPECT_NE(e.whatToDo.find("another folder"), std::string::npos);
    EXPECT_EQ(filesIn(folder.path()), 0u);
}

TEST_P(AtomicFiles, RefuseTargetsThatCannotBe) {
    target = folder / "missing/out.gguf";
    EXPECT_EQ(errorOf([&] { make(); }).kind, ErrorKind::NotFound);
    target = folder.path();
    EXPECT_EQ(errorOf([&] { make(); }).kind, ErrorKind::BadRequest);
    target = folder / "x/";
    EXPECT_EQ(errorOf([&] { make(); }).kind, ErrorKind::BadRequest);
    target = folder / std::string(300, 'n');
    const auto file = [&] { make()->commit(); };
    EXPECT_EQ(errorOf(file).kind, ErrorKind::Io);
    EXPECT_EQ(filesIn(folder.path()), 0u);
}

TEST_P(AtomicFiles, TakeTheLongestNameThereIs) {
    target = folder / std::string(255, 'n');
    const auto file = make();
    file->write(bytesOf("x"));
    file->commit();
    EXPECT_TRUE(std::filesystem::exists(target));
}

} // namespace
} // namespace nibble
