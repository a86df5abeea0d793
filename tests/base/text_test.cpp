#include <base/checked.h>
#include <base/text.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>
#include <sys/stat.h>

namespace nibble {
namespace {

TEST(Text, ShowsBytesAsAFileManagerDoes) {
    EXPECT_EQ(humanBytes(0), "0 bytes");
    EXPECT_EQ(humanBytes(999), "999 bytes");
    EXPECT_EQ(humanBytes(12'300), "12 kB");
    EXPECT_EQ(humanBytes(1'240'000), "1.2 MB");
    EXPECT_EQ(humanBytes(734'400'000), "734 MB");
    EXPECT_EQ(humanBytes(999'600'000), "1.0 GB");
    EXPECT_EQ(humanBytes(1'234'000'000), "1.2 GB");
    EXPECT_EQ(humanBytes(141'000'000'000), "141 GB");
    EXPECT_EQ(humanBytes(UINT64_MAX), "18.4 EB");
}

TEST(Text, ShowsSecondsInWords) {
    EXPECT_EQ(humanSeconds(0.2), "under a second");
    EXPECT_EQ(humanSeconds(14.3), "14 s");
    EXPECT_EQ(humanSeconds(59.7), "1 min 0 s");
    EXPECT_EQ(humanSeconds(125), "2 min 5 s");
    EXPECT_EQ(humanSeconds(3780), "1 h 3 min");
    EXPECT_EQ(humanSeconds(1e300), "a very long time");
    EXPECT_EQ(humanSeconds(std::nan("")), "a very long time");
}

TEST(Text, KnowsWellFormedUtf8) {
    for (const char* good : {"", "plain", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(isUtf8(good)) << good;
    for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82"})
        EXPECT_FALSE(isUtf8(bad)) << printable(bad);
    EXPECT_TRUE(isUtf8(std::string_view("a\0b", 3)));
}

TEST(Text, MakesAnythingPrintable) {
    EXPECT_EQ(printable("a\xFF\x01z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    EXPECT_EQ(printable("\xE2\x82\xAC\xE2\x82\xAC", 4), "\xE2\x82\xAC..."); // never cut inside a character
    EXPECT_TRUE(isUtf8(printable(std::string(1000, '\xC3'), 50)));
}

TEST(Text, FormatsLikePrintf) { EXPECT_EQ(format("%d of %s", 3, "five"), "3 of five"); }

TEST(Text, ReadsFilesWithinALimit) {
    const test::TempFolder folder;
    std::ofstream(folder / "a.txt") << "hello";
    EXPECT_EQ(readTextFile(folder / "a.txt", 5), "hello");
    try {
        readTextFile(folder / "a.txt", 4);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::BadFile);
        EXPECT_NE(e.detail.find("a.txt"), e.detail.npos);
    }
}

/// The kind of Error that reading `path` ends with.
ErrorKind kindOf(const std::filesystem::path& path) {
    try {
        readTextFile(path, 100);
    } catch (const Error& e) {
        EXPECT_NE(e.message.find(path.filename().string()), std::string::npos) << e.message;
        EXPECT_FALSE(e.whatToDo.empty());
        return e.kind;
    }
    ADD_FAILURE() << path << " was read";
    return ErrorKind::Internal;
}

TEST(Text, RefusesWhatIsNoFile) {
    const test::TempFolder folder;
    EXPECT_EQ(kindOf(folder / "missing"), ErrorKind::NotFound);
    std::filesystem::create_directory(folder / "folder");
    EXPECT_EQ(kindOf(folder / "folder"), ErrorKind::Io);
    std::filesystem::create_symlink("loop", folder / "loop");
    EXPECT_EQ(kindOf(folder / "loop"), ErrorKind::Io);
    ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(kindOf(folder / "pipe"), ErrorKind::Io); // and it does not wait for a writer
}

TEST(Checked, RefusesOverflow) {
    EXPECT_EQ(checkedMul(1u << 20, 1u << 20, "x"), 1ull << 40);
    EXPECT_EQ(checkedAlign(33, 32, "x"), 64u);
    EXPECT_EQ(checkedAlign(64, 32, "x"), 64u);
    const auto kind = [](auto f) {
        try {
            f();
        } catch (const Error& e) {
            EXPECT_EQ(e.detail, "the size");
            return e.kind;
        }
        return ErrorKind::Internal;
    };
    EXPECT_EQ(kind([] { checkedMul(1ull << 32, 1ull << 32, "the size"); }), ErrorKind::BadFile);
    EXPECT_EQ(kind([] { checkedAdd(UINT64_MAX, 1, "the size"); }), ErrorKind::BadFile);
    EXPECT_EQ(kind([] { checkedAlign(UINT64_MAX - 3, 32, "the size"); }), ErrorKind::BadFile);
}

TEST(ErrorKinds, HaveStableNames) {
    EXPECT_STREQ(errorKindName(ErrorKind::BadFile), "bad-file");
    EXPECT_STREQ(errorKindName(ErrorKind::NoSpace), "no-space");
    EXPECT_STREQ(errorKindName(ErrorKind::ContextFull), "context-full");
    EXPECT_STREQ(errorKindName(ErrorKind::Network), "network");
    EXPECT_STREQ(Error(ErrorKind::Io, "Broken.", "x: y").what(), "Broken. (x: y)");
}

} // namespace
} // namespace nibble
