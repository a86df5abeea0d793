#include <compare/answers.h>
#include <gtest/gtest.h>

using namespace nibble;

namespace {

AnswerPair difference(std::string original, std::string smaller) {
    AnswerPair pair;
    pair.original = std::move(original);
    pair.smaller = std::move(smaller);
    findFirstDifference(pair);
    return pair;
}

} // namespace

TEST(Answers, TheSame) {
    const AnswerPair pair = difference("A nibble is four bits.", "A nibble is four bits.");
    EXPECT_TRUE(pair.identical);
    EXPECT_EQ(pair.sameWords, 5);
    EXPECT_EQ(pair.differsAtOriginal, -1);
    EXPECT_EQ(pair.differsAtSmaller, -1);
}

TEST(Answers, FirstDifferingWordAndItsBytes) {
    const AnswerPair pair = difference("Grüße aus März, sagt er", "Grüße  aus\nMai, sagt er");
    EXPECT_FALSE(pair.identical);
    EXPECT_EQ(pair.sameWords, 2);
    EXPECT_EQ(pair.original.substr(std::size_t(pair.differsAtOriginal), 6), "März,");
    EXPECT_EQ(pair.smaller.substr(std::size_t(pair.differsAtSmaller), 4), "Mai,");
}

TEST(Answers, PunctuationBelongsToTheWord) { EXPECT_EQ(difference("yes, really", "yes really").sameWords, 0); }

TEST(Answers, SpacingDoesNotCount) { EXPECT_TRUE(difference("a b\n\nc ", " a  b c").identical); }

TEST(Answers, OneEndsEarlier) {
    const AnswerPair pair = difference("one two", "one two three");
    EXPECT_FALSE(pair.identical);
    EXPECT_EQ(pair.sameWords, 2);
    EXPECT_EQ(pair.differsAtOriginal, -1);
    EXPECT_EQ(pair.differsAtSmaller, 8);
}

TEST(Answers, Empty) {
    EXPECT_TRUE(difference("", "  ").identical);
    EXPECT_EQ(difference("", "word").differsAtSmaller, 0);
}
