#include <base/mapped_file.h>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>
#include <thread>
#include <vector>

namespace nibble {
namespace {

std::filesystem::path written(const test::TempFolder& folder, std::size_t size) {
    const auto path = folder / "data.bin";
    std::ofstream(path, std::ios::binary) << std::string(size, 'x');
    return path;
}

bool checkFails(const MappedFile& file) {
    try {
        file.check();
        return false;
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::BadFile);
        EXPECT_NE(e.what(), nullptr);
        EXPECT_NE(std::string(e.what()).find("data.bin"), std::string::npos);
        return true;
    }
}

uint64_t sum(const MappedFile& file) {
    uint64_t total = 0;
    for (const std::byte b : file.bytes()) total += uint64_t(b);
    return total;
}

TEST(MappedFile, ShowsTheBytes) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 10'000));
    EXPECT_EQ(file.bytes().size(), 10'000u);
    EXPECT_EQ(sum(file), 10'000u * 'x');
    file.willNeed(0, 10'000);
    file.dontNeed(5'000, SIZE_MAX); // hints may ask for anything
    file.dontNeed(SIZE_MAX, 1);
    EXPECT_EQ(sum(file), 10'000u * 'x');
    EXPECT_FALSE(checkFails(file));
}

TEST(MappedFile, MapsAnEmptyFile) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 0));
    EXPECT_TRUE(file.bytes().empty());
    EXPECT_FALSE(checkFails(file));
}

TEST(MappedFile, SurvivesAFileThatShrinks) {
    const test::TempFolder folder;
    const std::size_t size = 1 << 20;
    const MappedFile file(written(folder, size));
    std::filesystem::resize_file(file.path(), 4096);
    EXPECT_EQ(sum(file), 4096u * 'x'); // the lost pages are zeros
    EXPECT_TRUE(checkFails(file));
    std::ofstream(file.path(), std::ios::binary) << std::string(size, 'x');
    EXPECT_TRUE(checkFails(file)) << "a file that came back is still not the one that was opened";
}

TEST(MappedFile, SurvivesShrinkingUnderManyThreads) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 1 << 20));
    std::filesystem::resize_file(file.path(), 0);
    std::vector<uint64_t> sums(4, 1);
    {
        std::vector<std::jthread> threads;
        for (uint64_t& s : sums) threads.emplace_back([&] { s = sum(file); });
    }
    EXPECT_EQ(sums, std::vector<uint64_t>(4, 0));
    EXPECT_TRUE(checkFails(file));
}

TEST(MappedFile, NoticesAFileThatWasChanged) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 100));
    EXPECT_FALSE(checkFails(file));
    std::ofstream(file.path(), std::ios::app) << "more";
    EXPECT_TRUE(checkFails(file));
}

TEST(MappedFile, NoticesAFileThatWasRewritten) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 100));
    std::filesystem::last_write_time(file.path(),
                                     std::filesystem::last_write_time(file.path()) + std::chrono::seconds(5));
    EXPECT_TRUE(checkFails(file));
}

TEST(MappedFile, IsUntouchedByAFileThatReplacesIt) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 100));
    std::ofstream(folder / "new.bin") << "short";
    std::filesystem::rename(folder / "new.bin", file.path());
    EXPECT_EQ(sum(file), 100u * 'x');
    EXPECT_FALSE(checkFails(file));
}

TEST(MappedFileDeath, LeavesOtherBusErrorsAlone) {
    const test::TempFolder folder;
    const MappedFile file(written(folder, 100));
    EXPECT_DEATH(std::raise(SIGBUS), "");
}

TEST(MappedFile, RunsOutOfSlotsPolitely) {
    const test::TempFolder folder;
    const auto path = written(folder, 100);
    std::vector<std::unique_ptr<MappedFile>> files;
    try {
        while (files.size() < 5000) files.push_back(std::make_unique<MappedFile>(path));
        FAIL() << "no limit";
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::Io); // of ours or of open files, whichever comes first
    }
    const std::size_t before = files.size();
    files.clear();
    while (files.size() < before) files.push_back(std::make_unique<MappedFile>(path)); // all came back
}

} // namespace
} // namespace nibble
