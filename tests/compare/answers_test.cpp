#include <cmath>
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

TEST(Answers, ChancesAreTheSoftmaxOfTheLikeliest) {
    std::vector<float> logits(200);
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = float(i * 37 % 200) / 20; // each value once
    double sum = 0;
    for (const float value : logits) sum += std::exp(double(value));
    Chances chances;
    chances.add(logits);
    int known = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const double chance = chances.of(int32_t(i), 0);
        if (chance < 0) {
            EXPECT_LT(logits[i], (200 - float(Chances::kMost)) / 20) << "left out though it is likely";
        } else {
            ++known;
            EXPECT_NEAR(chance, std::exp(double(logits[i])) / sum, 1e-6);
        }
    }
    EXPECT_EQ(known, int(Chances::kMost));
    EXPECT_EQ(chances.of(3, 1), -1) << "the answer has no such place";
}

TEST(Answers, ChancesOfTheFirstPlaceThatDiffers) {
    Chances chances;
    chances.add(std::vector<float>{9, 1, 1, 1});
    chances.add(std::vector<float>{0, 0, std::log(3.0f), 0}); // 1/6, 1/6, 1/2, 1/6
    AnswerPair pair;
    findChances(pair, std::vector<int32_t>{0, 2}, std::vector<int32_t>{0, 1, 3}, chances);
    EXPECT_NEAR(pair.originalChance, 0.5, 1e-6);
    EXPECT_NEAR(pair.smallerChance, 1.0 / 6, 1e-6);
    AnswerPair ended;
    findChances(ended, std::vector<int32_t>{0}, std::vector<int32_t>{0, 1}, chances);
    EXPECT_EQ(ended.originalChance, -1) << "one of them ended there";
}

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
