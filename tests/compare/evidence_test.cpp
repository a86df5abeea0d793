// Which places of a text are shown, and in which words, with a vocabulary that can be read here.
#include <cmath>
#include <compare/evidence.h>
#include <gtest/gtest.h>
#include <map>

using namespace nibble;

namespace {

/// Ids are handed out as words come up.
struct Vocabulary {
    std::map<std::string, int32_t> ids;
    std::vector<std::string> words;

    int32_t id(const std::string& word) {
        const auto [it, added] = ids.emplace(word, int32_t(words.size()));
        if (added) words.push_back(word);
        return it->second;
    }
    std::string decode(std::span<const int32_t> tokens) const {
        std::string text;
        for (int32_t token : tokens) text += words[std::size_t(token)];
        return text;
    }
};

/// Chunks of 8 tokens, of which those at 5, 6 and 7 are predicted and scored.
class Evidence : public testing::Test {
protected:
    static constexpr int32_t kChunk = 8, kRows = 3;

    void say(const std::vector<std::string>& words) {
        for (const std::string& word : words) tokens.push_back(vocabulary.id(word));
        scores.resize(tokens.size() / kChunk * kRows);
    }
    void upset(std::size_t row, double divergence, const std::string& original, const std::string& smaller) {
        scores[row] = {.divergence = divergence,
                       .originalTop = vocabulary.id(original),
                       .smallerTop = vocabulary.id(smaller),
                       .originalChance = 0.75f,
                       .smallerChance = 0.5f};
    }
    CompareReport gathered() const {
        CompareReport report;
        gatherEvidence(scores, {tokens, kChunk, [&](auto some) { return vocabulary.decode(some); }}, report);
        return report;
    }

    Vocabulary vocabulary;
    std::vector<int32_t> tokens;
    std::vector<RowScore> scores;
};

} // namespace

TEST_F(Evidence, NamesTheWordsAndWhatComesBefore) {
    say({"", "The", " capital", " of", "\n\n", "France", " is", " Paris"});
    upset(2, 1.5, " Paris", " London");
    const CompareReport report = gathered();
    ASSERT_EQ(report.worstMoments.size(), 1u);
    const WorstMoment& moment = report.worstMoments[0];
    EXPECT_EQ(moment.position, 7);
    EXPECT_EQ(moment.context, "The capital of ↵ France is");
    EXPECT_EQ(moment.original, "Paris");
    EXPECT_EQ(moment.smaller, "London");
    EXPECT_EQ(moment.follows, "Paris");
    EXPECT_EQ(moment.originalChance, 0.75);
    EXPECT_EQ(moment.smallerChance, 0.5);
    EXPECT_EQ(moment.divergence, 1.5);
}

TEST_F(Evidence, PiecesOfAWordAreShownAsTheWord) {
    say({"", "We", " need", " to", " quant", "ize", " it", "."});
    upset(0, 1, "ize", " the");
    const WorstMoment moment = gathered().worstMoments.at(0);
    EXPECT_EQ(moment.context, "We need to");
    EXPECT_EQ(moment.original, "quantize");
    EXPECT_EQ(moment.smaller, "quant the");
    upset(0, 1, ",", "\n");
    scores[0].originalTop = vocabulary.id(",");
    tokens[5] = vocabulary.id(".");
    const WorstMoment atEnd = gathered().worstMoments.at(0);
    EXPECT_EQ(atEnd.context, "We need to quant");
    EXPECT_EQ(atEnd.original, ",");
    EXPECT_EQ(atEnd.smaller, "↵");
}

TEST_F(Evidence, WhatHasNoTextIsNamed) {
    say({"", "a", " b", " c", " d", " e", " f", " g"});
    upset(1, 1, "", " ");
    const WorstMoment moment = gathered().worstMoments.at(0);
    EXPECT_EQ(moment.original, "(end)");
    EXPECT_EQ(moment.smaller, "(space)");
    upset(1, 1, "\xff", "\x1b[31m"); // a byte of a character, and what would steer a terminal
    EXPECT_EQ(gathered().worstMoments.at(0).original, "e\uFFFD");
    EXPECT_EQ(gathered().worstMoments.at(0).smaller.find('\x1b'), std::string::npos);
}

TEST_F(Evidence, WorstFirstAndNotTwiceTheSamePlace) {
    for (int chunk = 0; chunk < 20; ++chunk) say({"", "a", " b", " c", " d", " e", " f", " g"});
    for (std::size_t row = 0; row < scores.size(); ++row) upset(row, 0.01 * double(row + 1), " x", " y");
    scores[5].divergence = NAN; // is no place to look at
    scores[7].divergence = 0;
    const CompareReport report = gathered();
    ASSERT_EQ(report.worstMoments.size(), 8u);
    EXPECT_EQ(report.worstMoments[0].position, 20 * 8 - 1);
    for (std::size_t i = 1; i < 8; ++i) {
        EXPECT_LT(report.worstMoments[i].divergence, report.worstMoments[i - 1].divergence);
        EXPECT_GE(report.worstMoments[i - 1].position - report.worstMoments[i].position, 8);
    }
}

TEST_F(Evidence, AModelWithItselfHasNoWorstMoment) {
    say({"", "a", " b", " c", " d", " e", " f", " g"});
    for (std::size_t row = 0; row < scores.size(); ++row) upset(row, 0, " x", " x");
    const CompareReport report = gathered();
    EXPECT_TRUE(report.worstMoments.empty());
    ASSERT_EQ(report.stretches.size(), 1u);
    EXPECT_EQ(report.stretches[0].drift, 0);
    EXPECT_EQ(report.stretches[0].agreement, 1);
}

TEST_F(Evidence, StretchesCoverTheTextOnceAndInOrder) {
    for (int chunk = 0; chunk < 700; ++chunk) say({"", "a", " b", " c", " d", " e", " f", " g"});
    double sum = 0;
    for (std::size_t row = 0; row < scores.size(); ++row) {
        upset(row, 0.001 * double(row % 100), " x", row % 4 ? " x" : " y");
        sum += scores[row].divergence;
    }
    const CompareReport report = gathered();
    ASSERT_EQ(report.stretches.size(), 32u); // the most there are
    int64_t rows = 0;
    double weighted = 0, same = 0;
    for (const Stretch& stretch : report.stretches) {
        const std::size_t row = std::size_t(rows);
        EXPECT_EQ(stretch.position, int32_t(row / 3 * 8 + 5 + row % 3));
        EXPECT_EQ(stretch.begins.substr(0, 1), std::string(1, "efg"[row % 3]));
        rows += stretch.tokens;
        weighted += stretch.divergence * stretch.tokens;
        same += stretch.agreement * stretch.tokens;
    }
    EXPECT_EQ(rows, int64_t(scores.size()));
    EXPECT_NEAR(weighted, sum, 1e-9);
    EXPECT_NEAR(same, 0.75 * double(scores.size()), 1e-9);
}
