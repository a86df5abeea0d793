#include "written_model.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/generate.h>
#include <nlohmann/json.hpp>
#include <run/session_impl.h>

namespace nibble {
namespace {

std::unique_ptr<Session> load(const std::filesystem::path& model, int32_t context = 256, int32_t threads = 2) {
    LoadOptions options;
    options.model = model;
    options.contextLength = context;
    options.threads = threads;
    return Session::load(options);
}

GenerateOptions greedy(int32_t maxTokens) {
    GenerateOptions options;
    options.sampling.temperature = 0;
    options.maxTokens = maxTokens;
    options.ignoreEndOfTurn = true;
    return options;
}

/// Runs on a tiny model of random weights: what it says is noise, but always the same noise.
class SessionTest : public testing::Test {
protected:
    void SetUp() override {
        m_path = test::goldenDir("models/llama");
        if (m_path.empty()) GTEST_SKIP() << "the golden models/llama is not here";
    }
    std::filesystem::path m_path;
};

TEST_F(SessionTest, WritesTheSameOnEveryNumberOfThreads) {
    const Generated one = load(m_path, 256, 1)->complete("Once upon a time", greedy(40));
    const Generated three = load(m_path, 256, 3)->complete("Once upon a time", greedy(40));
    EXPECT_EQ(one.tokens.size(), 40u);
    EXPECT_EQ(one.finish, Finish::MaxTokens);
    EXPECT_EQ(one.tokens, three.tokens);
    EXPECT_EQ(one.text, three.text);
    EXPECT_GT(one.promptTokens, 3);
    EXPECT_EQ(one.contextUsed, one.promptTokens + 40);
}

TEST_F(SessionTest, AnswersByAJsonSchema) {
    const auto session = load(m_path, 512);
    GenerateOptions options;
    options.maxTokens = 400;
    options.sampling.temperature = 2;
    options.jsonSchema =
        R"({"type": "object", "required": ["sure", "answers"], "properties": {"sure": {"type": "boolean"},
        "answers": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "string", "maxLength": 8}}}})";
    for (options.sampling.seed = 1; options.sampling.seed <= 5; ++options.sampling.seed) {
        const Generated result = session->complete("Once upon a time", options);
        EXPECT_EQ(result.finish, Finish::EndOfTurn);
        const auto value = nlohmann::json::parse(result.text, nullptr, false);
        ASSERT_FALSE(value.is_discarded()) << result.text;
        EXPECT_TRUE(value["sure"].is_boolean());
        EXPECT_GE(value["answers"].size(), 2u);
        EXPECT_LE(value["answers"].size(), 3u);
    }
    options.jsonSchema = R"({"type": "array", "uniqueItems": true})";
    EXPECT_THROW(session->complete("Once upon a time", options), Error);
}

TEST_F(SessionTest, WritesWithEverySampler) {
    const auto session = load(m_path);
    GenerateOptions options = greedy(30);
    options.sampling.seed = 3;
    options.sampling.temperature = 1;
    const std::string start = "Once upon a time a time a time";
    const std::string usual = session->complete(start, options).text;
    for (float Sampling::*setting : {&Sampling::dryMultiplier, &Sampling::xtcProbability, &Sampling::mirostatTau}) {
        GenerateOptions changed = options;
        changed.sampling.*setting = 1;
        changed.sampling.dryAllowedLength = 1;
        changed.sampling.xtcThreshold = 1e-4f;
        const Generated result = session->complete(start, changed);
        EXPECT_EQ(result.tokens.size(), 30u);
        EXPECT_TRUE(setting == &Sampling::dryMultiplier || result.text != usual); // noise does not repeat itself
    }
}

TEST_F(SessionTest, StreamsExactlyTheTextOfTheResult) {
    std::string streamed;
    const Generated result =
        load(m_path)->complete("Once upon a time", greedy(60), [&](std::string_view s) { streamed += s; });
    EXPECT_EQ(streamed, result.text);
    EXPECT_FALSE(streamed.empty());
}

TEST_F(SessionTest, ReportsTheSeedAndRepeatsWithIt) {
    GenerateOptions options = greedy(30);
    options.sampling.temperature = 1;
    const Generated first = load(m_path)->complete("Once", options);
    ASSERT_NE(first.seed, 0u);
    options.sampling.seed = first.seed;
    EXPECT_EQ(load(m_path)->complete("Once", options).tokens, first.tokens);
    options.sampling.seed = first.seed + 1;
    EXPECT_NE(load(m_path)->complete("Once", options).tokens, first.tokens);
}

TEST_F(SessionTest, ReusesTheCommonPrefixWithoutChangingTheAnswer) {
    const auto session = load(m_path);
    const std::string start = "The quick brown fox jumps over";
    const Generated first = session->complete(start, greedy(20));
    EXPECT_EQ(first.reusedTokens, 0);

    const std::vector<std::string> prompts = {start + " the lazy dog", // longer
                                              start,                   // shorter than what is cached
                                              "The quick brown cat",   // differs in the middle
                                              "something else"};
    for (const std::string& prompt : prompts) {
        const Generated warm = session->complete(prompt, greedy(20));
        const Generated cold = load(m_path)->complete(prompt, greedy(20));
        EXPECT_EQ(warm.tokens, cold.tokens) << prompt;
        EXPECT_EQ(warm.reusedTokens > 5, prompt != prompts.back()) << prompt;
        EXPECT_LT(warm.reusedTokens, warm.promptTokens) << "the last token's logits are needed";
    }
}

TEST_F(SessionTest, StopsAtAStopStringAndDoesNotShowIt) {
    const std::string text = load(m_path)->complete("Once upon a time", greedy(60)).text;
    ASSERT_GT(text.size(), 20u);
    std::size_t from = 10;
    while ((text[from] & 0xC0) == 0x80) ++from; // whole characters
    std::size_t to = from + 5;
    while (to < text.size() && (text[to] & 0xC0) == 0x80) ++to;
    GenerateOptions options = greedy(60);
    options.stopStrings = {text.substr(from, to - from)};
    const Generated result = load(m_path)->complete("Once upon a time", options);
    EXPECT_EQ(result.finish, Finish::StopString);
    EXPECT_EQ(result.text, text.substr(0, text.find(options.stopStrings[0])));
}

TEST_F(SessionTest, EndsWhenTheContextIsFull) {
    const Generated result = load(m_path, 64)->complete("Once upon a time", greedy(0));
    EXPECT_EQ(result.finish, Finish::ContextFull);
    EXPECT_EQ(result.contextUsed, 64);
    EXPECT_EQ(result.contextLength, 64);
}

TEST_F(SessionTest, RefusesAPromptThatDoesNotFit) {
    const auto session = load(m_path, 32);
    try {
        session->complete(std::string(400, 'x'), greedy(1));
        FAIL() << "was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::ContextFull);
    }
    EXPECT_THROW(session->complete("", greedy(1)), Error);
    EXPECT_THROW(session->chat({}, greedy(1), {}, {}, true), Error);
}

TEST_F(SessionTest, DropsOldTurnsByChoice) {
    const auto session = load(m_path, 256);
    std::vector<Message> messages = {{"system", "Be brief."}};
    for (int i = 0; i < 12; ++i) {
        messages.push_back({"user", "Question number " + std::to_string(i)});
        messages.push_back({"assistant", "An answer to it."});
    }
    messages.push_back({"user", "The last one"});
    GenerateOptions options = greedy(8);
    try {
        session->chat(messages, options, {}, {}, true);
        FAIL() << "was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::ContextFull);
    }
    options.dropOldestTurns = true;
    const Generated first = session->chat(messages, options, {}, {}, true);
    EXPECT_GT(first.droppedTurns, 0);
    EXPECT_LT(first.promptTokens, 256);
    // The next turn leaves out the same ones, so that it can go on from the cache.
    messages.push_back({"assistant", "Yes."});
    messages.push_back({"user", "And?"});
    const Generated second = session->chat(messages, options, {}, {}, true);
    EXPECT_EQ(second.droppedTurns, first.droppedTurns);
    EXPECT_GE(second.reusedTokens, first.promptTokens - 8);
}

TEST_F(SessionTest, NeedsAYesToChatWithoutATemplate) {
    const auto session = load(m_path);
    ASSERT_FALSE(session->info().hasChatTemplate);
    const std::vector<Message> messages = {{"user", "Hello"}};
    try {
        session->chat(messages, greedy(4));
        FAIL() << "chatted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Unsupported);
    }
    EXPECT_EQ(session->chat(messages, greedy(4), {}, {}, true).tokens.size(), 4u);
}

TEST_F(SessionTest, KeepsWhatWasWrittenWhenStoppedAndGoesOnAfterwards) {
    const auto session = load(m_path);
    std::stop_source stop;
    int pieces = 0;
    const Generated result = session->complete(
        "Once upon a time", greedy(200),
        [&](std::string_view) {
            if (++pieces == 3) stop.request_stop();
        },
        stop.get_token());
    EXPECT_EQ(result.finish, Finish::Stopped);
    EXPECT_FALSE(result.text.empty());
    EXPECT_LT(result.tokens.size(), 50u);

    const Generated none =
        session->complete("Another text", greedy(20), {}, stop.get_token()); // stopped before it began
    EXPECT_EQ(none.finish, Finish::Stopped);
    EXPECT_TRUE(none.tokens.empty());
    EXPECT_EQ(session->complete("Another text", greedy(20)).tokens,
              load(m_path)->complete("Another text", greedy(20)).tokens);
}

TEST_F(SessionTest, EvaluatesToTheReferencesLogitsFromTheFirstOneWanted) {
    const nlohmann::json golden = nlohmann::json::parse(std::ifstream(m_path / "golden.json"));
    const std::vector<int32_t> ids = golden.at("ids");
    const std::size_t vocab = golden.at("shape").at(1);
    std::vector<float> reference(ids.size() * vocab);
    std::ifstream(m_path / "logits.f32", std::ios::binary)
        .read(reinterpret_cast<char*>(reference.data()), std::streamsize(reference.size() * sizeof(float)));

    const auto session = load(m_path);
    int32_t next = 10;
    double error = 0, power = 0;
    session->evaluate(ids, 10, [&](int32_t position, std::span<const float> logits) {
        EXPECT_EQ(position, next++);
        ASSERT_EQ(logits.size(), vocab);
        for (std::size_t i = 0; i < vocab; ++i) {
            const double expected = reference[std::size_t(position) * vocab + i];
            error += (logits[i] - expected) * (logits[i] - expected);
            power += expected * expected;
        }
    });
    EXPECT_EQ(next, int32_t(ids.size()));
    EXPECT_LE(error / power, 1e-6);

    const std::vector<int32_t> wrong = {int32_t(vocab)};
    EXPECT_THROW(session->evaluate(wrong, 0, [](int32_t, std::span<const float>) {}), Error);
    EXPECT_THROW(session->evaluate(std::vector<int32_t>(257, 5), 0, [](int32_t, std::span<const float>) {}), Error);
}

/// ln P of `more` after `prompt`, from the logits of the whole.
double logLikelihood(Session& session, std::vector<int32_t> prompt, const std::vector<int32_t>& more) {
    const auto first = int32_t(prompt.size()) - 1;
    prompt.insert(prompt.end(), more.begin(), more.end());
    double sum = 0;
    session.evaluate(prompt, first, [&](int32_t position, std::span<const float> logits) {
        if (position + 1 == int32_t(prompt.size())) return;
        double all = 0;
        for (float v : logits) all += std::exp(double(v));
        sum += double(logits[std::size_t(prompt[std::size_t(position) + 1])]) - std::log(all);
    });
    return sum;
}

void expectLikelihoods(Session& session, const std::vector<int32_t>& prompt,
                       const std::vector<std::vector<int32_t>>& continuations) {
    const std::vector<double> found = session.logLikelihoods(prompt, continuations);
    ASSERT_EQ(found.size(), continuations.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_NEAR(found[i], logLikelihood(session, prompt, continuations[i]), 1e-3) << i;
}

TEST_F(SessionTest, LikelihoodsAreThoseOfTheWholeText) {
    const auto session = load(m_path);
    const std::vector<int32_t> prompt = session->tokenize("The quick brown fox", true);
    expectLikelihoods(*session, prompt, {{7}, {7, 9, 11}, {12, 5}, {7}, {30, 31, 32, 33, 34, 35, 36, 37}});
    const std::vector<std::vector<int32_t>> long1 = {std::vector<int32_t>(256, 5)}, wrong = {{99999}};
    EXPECT_THROW(session->logLikelihoods(prompt, long1), Error);
    EXPECT_THROW(session->logLikelihoods(prompt, wrong), Error);
    std::stop_source source;
    source.request_stop();
    const std::vector<std::vector<int32_t>> one = {{7, 8}};
    EXPECT_THROW(session->logLikelihoods(prompt, one, source.get_token()), Error);
    EXPECT_EQ(session->complete("Another text", greedy(8)).tokens,
              load(m_path)->complete("Another text", greedy(8)).tokens)
        << "nothing of it stays in the cache";
}

TEST_F(SessionTest, MeasuresSpeed) {
    const Session::Speed speed = load(m_path)->measureSpeed(64, 8, 2);
    EXPECT_GT(speed.prefill, 0);
    EXPECT_GT(speed.decode, 0);
    EXPECT_THROW(load(m_path)->measureSpeed(257, 8, 1), Error);
}

TEST_F(SessionTest, RefusesWhatItCannotLoadAndSaysWhy) {
    LoadOptions options;
    options.model = m_path;
    options.kvFormat = "q3";
    EXPECT_THROW(Session::load(options), Error);
    options.kvFormat = "f16";
    options.cpuLevel = "mmx";
    EXPECT_THROW(Session::load(options), Error);
    options.cpuLevel = "";
    options.contextLength = 1 << 20;
    EXPECT_THROW(Session::load(options), Error);

    const test::TemporaryFile file("huge_context.gguf");
    test::writeModel(m_path, file.path,
                     [](GgufMetadata& keys) { keys.set("llama.context_length", uint32_t(1) << 27); });
    options.model = file.path;
    options.contextLength = 1 << 27; // 2 x 64 values x 3 layers x 2 bytes each: 100 GB
    try {
        Session::load(options);
        FAIL() << "was loaded";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::NoMemory);
        EXPECT_NE(error.message.find("more than is free"), std::string::npos) << error.message;
    }
}

TEST_F(SessionTest, LoadsAModelWhoseTemplateIsBroken) {
    const test::TemporaryFile file("broken_template.gguf");
    test::writeModel(m_path, file.path, [](GgufMetadata& keys) {
        keys.set("tokenizer.chat_template", std::string("{% for m in messages %}{{ m.content }"));
    });
    const auto session = load(file.path);
    EXPECT_FALSE(session->info().hasChatTemplate);
    EXPECT_EQ(session->complete("Once", greedy(3)).tokens.size(), 3u);
    const std::vector<Message> messages = {{"user", "Hello"}};
    try {
        session->chat(messages, greedy(3));
        FAIL() << "chatted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Unsupported);
        EXPECT_NE(error.detail, "no chat template") << "the template's fault is not told";
    }
    EXPECT_EQ(session->chat(messages, greedy(3), {}, {}, true).tokens.size(), 3u);
}

/// A window far smaller than the context: the cache of such layers is a ring that forgets.
TEST(SlidingWindowSession, ReusesThePrefixOnlyWhileItIsStillThere) {
    const std::filesystem::path folder = test::goldenDir("models/mistral-swa");
    if (folder.empty()) GTEST_SKIP() << "the golden models/mistral-swa is not here";
    const test::TemporaryFile file("sliding.gguf");
    test::writeModel(folder, file.path, [](GgufMetadata& keys) { keys.set("llama.context_length", uint32_t(4096)); });

    std::string text;
    for (int i = 0; text.size() < 5000; ++i) text += std::to_string(i * 7919 % 1000) + " and ";
    const auto session = load(file.path, 4096);
    session->complete(text.substr(0, 2400), greedy(4));
    for (const std::size_t length : {2300u, 2500u, 300u, 2500u}) { // a little back, on, far back, on
        const std::string prompt = text.substr(0, length) + "?";
        const Generated warm = session->complete(prompt, greedy(12));
        const Generated cold = load(file.path, 4096)->complete(prompt, greedy(12));
        EXPECT_EQ(warm.tokens, cold.tokens) << length;
        EXPECT_EQ(warm.reusedTokens > 0, length != 300) << length;
    }
}

/// Continuations so long that the ring forgets the prompt, then short ones.
TEST(SlidingWindowSession, LikelihoodsAfterALongContinuation) {
    const std::filesystem::path folder = test::goldenDir("models/mistral-swa");
    if (folder.empty()) GTEST_SKIP() << "the golden models/mistral-swa is not here";
    const test::TemporaryFile file("sliding.gguf");
    test::writeModel(folder, file.path, [](GgufMetadata& keys) { keys.set("llama.context_length", uint32_t(4096)); });
    const auto session = load(file.path, 4096);
    std::vector<int32_t> prompt(300), long1(1500), short1 = {4, 5, 6};
    for (std::size_t i = 0; i < prompt.size(); ++i) prompt[i] = int32_t(10 + i * 31 % 200);
    for (std::size_t i = 0; i < long1.size(); ++i) long1[i] = int32_t(10 + i * 17 % 200);
    const std::vector<std::vector<int32_t>> continuations = {long1, short1};
    EXPECT_NEAR(session->logLikelihoods(prompt, continuations)[1], logLikelihood(*session, prompt, short1), 1e-3);
}

TEST(SuggestedSampling, TakesWhatMakesSenseAndOursForTheRest) {
    GgufMetadata keys;
    keys.set("general.sampling.temp", 0.6f);
    keys.set("general.sampling.top_k", int32_t(20));
    keys.set("general.sampling.top_p", 7.0f);
    keys.set("general.sampling.min_p", std::string("none"));
    keys.set("general.sampling.xtc_probability", 0.5f);
    keys.set("general.sampling.mirostat", int32_t(2));
    const Sampling sampling = samplingOf(keys), ours;
    EXPECT_FLOAT_EQ(sampling.temperature, 0.6f);
    EXPECT_EQ(sampling.topK, 20);
    EXPECT_EQ(sampling.topP, ours.topP);
    EXPECT_EQ(sampling.minP, ours.minP);
    EXPECT_FLOAT_EQ(sampling.xtcProbability, 0.5f);
    EXPECT_FLOAT_EQ(sampling.mirostatTau, 5);
    keys.set("general.sampling.mirostat", int32_t(1)); // the older one is not there
    EXPECT_EQ(samplingOf(keys).mirostatTau, 0);
}

TEST(SuggestedSampling, FollowsTheKindOfModelWhereTheFileDoesNotSay) {
    GgufMetadata keys;
    keys.set("general.architecture", std::string("gemma3"));
    EXPECT_EQ(samplingOf(keys).topK, 64);
    EXPECT_FLOAT_EQ(samplingOf(keys).temperature, 1);
    keys.set("general.sampling.temp", 0.3f);
    EXPECT_FLOAT_EQ(samplingOf(keys).temperature, 0.3f);
    EXPECT_EQ(samplingOf(keys).topK, Sampling().topK);
    keys.set("general.architecture", std::string("martian"));
    EXPECT_EQ(samplingOf(keys).topK, Sampling().topK);
}

TEST(SuggestedSampling, DiffersWithoutThinkingWhereTheMakersSaySo) {
    GgufMetadata keys;
    keys.set("general.architecture", std::string("qwen3"));
    keys.set("general.sampling.temp", 0.6f);
    keys.set("general.sampling.top_p", 0.95f);
    EXPECT_FLOAT_EQ(samplingOf(keys).temperature, 0.6f);
    EXPECT_FLOAT_EQ(samplingOf(keys, true).topP, 0.95f);
    EXPECT_FLOAT_EQ(samplingOf(keys, false).temperature, 0.7f);
    EXPECT_FLOAT_EQ(samplingOf(keys, false).topP, 0.8f);
    keys.set("general.architecture", std::string("smollm3")); // one way for both
    EXPECT_FLOAT_EQ(samplingOf(keys, false).temperature, 0.6f);
}

} // namespace
} // namespace nibble
