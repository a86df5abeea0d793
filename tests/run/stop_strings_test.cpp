#include <gtest/gtest.h>
#include <run/stop_strings.h>

namespace nibble {
namespace {

TEST(StopStrings, LetsTextThroughAtOnceWhereThereAreNone) {
    StopStrings stops({"", ""});
    EXPECT_EQ(stops.push("hello"), "hello");
    EXPECT_EQ(stops.flush(), "");
    EXPECT_FALSE(stops.found());
}

TEST(StopStrings, CutsAtAStopStringThatArrivesInPieces) {
    StopStrings stops({"###", "User:"});
    EXPECT_EQ(stops.push("Fine. U"), "Fine. ");
    EXPECT_EQ(stops.push("se"), "");
    EXPECT_EQ(stops.push("d #"), "Used ");
    EXPECT_EQ(stops.push("#"), "");
    EXPECT_FALSE(stops.found());
    EXPECT_EQ(stops.push("# more"), "");
    EXPECT_TRUE(stops.found());
    EXPECT_EQ(stops.push("never shown"), "");
    EXPECT_EQ(stops.flush(), "");
}

TEST(StopStrings, CutsAtTheFirstOfSeveral) {
    StopStrings stops({"late", "a"});
    EXPECT_EQ(stops.push("to late"), "to ");
    EXPECT_TRUE(stops.found());
}

TEST(StopStrings, HoldsBackTheLongestPossibleStart) {
    StopStrings stops({"aab"});
    EXPECT_EQ(stops.push("aaa"), "a"); // "aa" may go on to "aab"
    EXPECT_EQ(stops.push("ac"), "aaac");
    EXPECT_EQ(stops.push("aa"), "");
    EXPECT_EQ(stops.flush(), "aa");
}

/// However the text is cut into pieces, the result is the same.
TEST(StopStrings, DoesNotDependOnThePieces) {
    const std::string text = "one two<|e<|end|>three", expected = "one two<|e";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        StopStrings stops({"<|end|>"});
        std::string shown;
        for (std::size_t i = 0; i < text.size(); i += step) shown += stops.push(text.substr(i, step));
        if (!stops.found()) shown += stops.flush();
        EXPECT_EQ(shown, expected) << "pieces of " << step;
    }
}

} // namespace
} // namespace nibble
