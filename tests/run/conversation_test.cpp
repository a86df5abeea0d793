#include <gtest/gtest.h>
#include <nibble/error.h>
#include <run/conversation.h>

namespace nibble {
namespace {

/// One token for every character: enough to count.
std::vector<int32_t> charactersOf(const std::vector<Message>& messages) {
    std::vector<int32_t> tokens;
    for (const Message& m : messages) tokens.insert(tokens.end(), m.content.begin(), m.content.end());
    return tokens;
}

std::string textOf(const FittedConversation& fitted) { return {fitted.tokens.begin(), fitted.tokens.end()}; }

const std::vector<Message> kTalk = {{"system", "SS"},      {"user", "aaaa"}, {"assistant", "AAAA"}, {"user", "bbbb"},
                                    {"assistant", "BBBB"}, {"user", "cccc"}, {"assistant", "CCCC"}, {"user", "dddd"}};

TEST(Conversation, IsLeftAloneWhereItFits) {
    const FittedConversation fitted = fitConversation(kTalk, 31, true, 2, charactersOf);
    EXPECT_EQ(fitted.droppedTurns, 0);
    EXPECT_EQ(textOf(fitted), "SSaaaaAAAAbbbbBBBBccccCCCCdddd");
}

TEST(Conversation, ThatIsTooLongIsAnErrorUnlessTurnsMayBeDropped) {
    try {
        fitConversation(kTalk, 30, false, 0, charactersOf); // 30 tokens leave no room for an answer
        FAIL() << "fitted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::ContextFull);
        EXPECT_NE(error.detail.find("30 tokens"), std::string::npos) << error.detail;
    }
}

TEST(Conversation, DropsOldestTurnsUntilHalfIsFreeAndKeepsTheSystemMessage) {
    const FittedConversation fitted = fitConversation(kTalk, 30, true, 0, charactersOf);
    EXPECT_EQ(fitted.droppedTurns, 2);
    EXPECT_EQ(textOf(fitted), "SSccccCCCCdddd");
}

TEST(Conversation, KeepsDroppingTheSameTurnsForAsLongAsThatFits) {
    std::vector<Message> longer = kTalk;
    longer.push_back({"assistant", "DDDD"});
    longer.push_back({"user", "eeee"});
    FittedConversation fitted = fitConversation(longer, 30, true, 2, charactersOf);
    EXPECT_EQ(fitted.droppedTurns, 2); // the tokens of the last time are a prefix of these
    EXPECT_EQ(textOf(fitted), "SSccccCCCCddddDDDDeeee");
    fitted = fitConversation(longer, 20, true, 2, charactersOf);
    EXPECT_EQ(fitted.droppedTurns, 4);
    EXPECT_EQ(textOf(fitted), "SSeeee");
}

TEST(Conversation, WhoseLastTurnIsTooLongIsAnError) {
    std::vector<Message> messages = kTalk;
    messages.back().content = std::string(40, 'x');
    EXPECT_THROW(fitConversation(messages, 30, true, 0, charactersOf), Error);
    EXPECT_THROW(fitConversation(std::vector<Message>{{"system", std::string(40, 's')}}, 30, true, 0, charactersOf),
                 Error);
}

} // namespace
} // namespace nibble
