// Whole comparisons on tiny models; every figure is computed a second time here, in the plainest way.
#include <cmath>
#include <compare/ask_models.h>
#include <compare/comparison.h>
#include <compare/sample_text.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/estimate.h>
#include <nibble/quantize.h>
#include <process.h>

using namespace nibble;

namespace {

class Compare : public testing::Test {
protected:
    void SetUp() override {
        original = test::goldenDir("models/llama");
        if (original.empty()) GTEST_SKIP() << "the golden models are not here";
    }
    std::filesystem::path quantized(const char* recipe) {
        QuantizeOptions options;
        options.source = original;
        options.output = folder / (std::string(recipe) + ".gguf");
        options.recipe = recipe;
        options.threads = 2;
        return quantizeModel(options).output;
    }
    CompareOptions options(const std::filesystem::path& smaller) const {
        CompareOptions o;
        o.original = original;
        o.smaller = smaller;
        o.chunkTokens = 64;
        o.chunks = 5;
        o.speed = false;
        o.threads = 2;
        o.generate.sampling.temperature = 0;
        return o;
    }

    test::TempFolder folder;
    std::filesystem::path original;
};

struct Figures {
    double divergence = 0, agreement = 0, original = 0, smaller = 0;
    int n = 0;
};

/// llama-perplexity's positions and the definitions, straight.
Figures figuresOf(const CompareOptions& options) {
    LoadOptions a, b;
    a.model = options.original;
    b.model = options.smaller;
    a.threads = b.threads = 2;
    const auto x = Session::load(a), y = Session::load(b);
    std::vector<int32_t> tokens = x->tokenize(sampleText(), true);
    Figures f;
    for (int c = 0; c < options.chunks; ++c) {
        std::vector<int32_t> chunk(tokens.begin() + c * options.chunkTokens,
                                   tokens.begin() + (c + 1) * options.chunkTokens);
        if (x->bosToken() >= 0) chunk[0] = x->bosToken();
        const auto logProbs = [&](Session& session) {
            std::vector<std::vector<double>> rows;
            session.evaluate(chunk, 0, [&](int32_t, std::span<const float> logits) {
                double sum = 0, max = *std::max_element(logits.begin(), logits.end());
                for (float v : logits) sum += std::exp(double(v) - max);
                rows.emplace_back();
                for (float v : logits) rows.back().push_back(double(v) - max - std::log(sum));
            });
            return rows;
        };
        const auto p = logProbs(*x), q = logProbs(*y);
        for (int i = options.chunkTokens / 2; i + 1 < options.chunkTokens; ++i) {
            const auto &pi = p[std::size_t(i)], &qi = q[std::size_t(i)];
            for (std::size_t t = 0; t < pi.size(); ++t) f.divergence += std::exp(pi[t]) * (pi[t] - qi[t]);
            f.agreement += std::max_element(pi.begin(), pi.end()) - pi.begin() ==
                           std::max_element(qi.begin(), qi.end()) - qi.begin();
            const auto next = std::size_t(chunk[std::size_t(i) + 1]);
            f.original -= pi[next];
            f.smaller -= qi[next];
            ++f.n;
        }
    }
    for (double* value : {&f.divergence, &f.agreement, &f.original, &f.smaller}) *value /= f.n;
    return f;
}

} // namespace

TEST_F(Compare, AModelWithItself) {
    const CompareReport report = compareModels(options(original));
    EXPECT_EQ(report.tokensScored, 5 * 31);
    EXPECT_EQ(report.meanDivergence.value, 0);
    EXPECT_EQ(report.maxDivergence, 0);
    EXPECT_EQ(report.wordAgreement.value, 1);
    EXPECT_EQ(report.agreementHigh, 1);
    EXPECT_EQ(report.logPerplexityRatio.value, 0);
    EXPECT_EQ(report.original.perplexity.value, report.smaller.perplexity.value);
    EXPECT_EQ(report.verdict, "almost identical");
    EXPECT_EQ(report.drift, 0);
    EXPECT_EQ(report.textName, "Nibble's sample text");
    EXPECT_TRUE(report.worstMoments.empty());
}

TEST_F(Compare, FiguresFollowTheirDefinitions) {
    for (const char* recipe : {"Q8_0", "Q4_0"}) {
        const CompareOptions o = options(quantized(recipe));
        const CompareReport report = compareInOrder(o, MemoryOrder::Together);
        const Figures expected = figuresOf(o);
        EXPECT_FALSE(report.oneAfterTheOther);
        EXPECT_EQ(report.tokensScored, expected.n);
        EXPECT_GT(report.meanDivergence.value, 0);
        EXPECT_NEAR(report.meanDivergence.value, expected.divergence, 1e-9) << recipe;
        EXPECT_NEAR(report.wordAgreement.value, expected.agreement, 1e-12) << recipe;
        EXPECT_NEAR(std::log(report.original.perplexity.value), expected.original, 1e-9) << recipe;
        EXPECT_NEAR(std::log(report.smaller.perplexity.value), expected.smaller, 1e-9) << recipe;
        EXPECT_NEAR(report.logPerplexityRatio.value, expected.smaller - expected.original, 1e-9) << recipe;
        EXPECT_LE(report.divergence99, report.divergence999);
        EXPECT_LE(report.divergence999, report.maxDivergence);
        EXPECT_LE(report.agreementLow, report.wordAgreement.value);
        EXPECT_GE(report.agreementHigh, report.wordAgreement.value);
        EXPECT_EQ(report.smaller.formatName, recipe);
        EXPECT_GT(report.original.fileBytes, report.smaller.fileBytes);
    }
}

TEST_F(Compare, TheEvidenceIsOfThisText) {
    CompareOptions o = options(quantized("Q2_K"));
    const CompareReport report = compareInOrder(o, MemoryOrder::Together);
    ASSERT_EQ(report.worstMoments.size(), 8u);
    EXPECT_EQ(report.worstMoments[0].divergence, report.maxDivergence);
    std::string text(sampleText());
    for (char& c : text)
        if (c == '\n') c = ' ';
    for (const WorstMoment& moment : report.worstMoments) {
        EXPECT_GT(moment.originalChance, 1.0 / 352); // of the vocabulary; no token below the mean is the likeliest
        EXPECT_LE(moment.originalChance, 1);
        EXPECT_GT(moment.smallerChance, 1.0 / 352);
        EXPECT_LE(moment.smallerChance, 1);
        const std::string end = moment.context.substr(moment.context.rfind(' ') + 1);
        EXPECT_NE(text.find(end), std::string::npos) << end;
        EXPECT_FALSE(moment.follows.empty());
        EXPECT_LT(moment.position, o.chunks * o.chunkTokens);
    }
    ASSERT_EQ(report.stretches.size(), 4u); // of 155 positions
    double sum = 0;
    int32_t tokens = 0;
    for (const Stretch& stretch : report.stretches) {
        sum += stretch.divergence * stretch.tokens;
        tokens += stretch.tokens;
    }
    EXPECT_EQ(tokens, report.tokensScored);
    EXPECT_NEAR(sum / tokens, report.meanDivergence.value, 1e-12);
}

TEST_F(Compare, OneAfterTheOtherSaysTheSame) {
    const CompareOptions o = options(quantized("Q4_0"));
    const CompareReport exact = compareInOrder(o, MemoryOrder::Together);
    const CompareReport stored = compareInOrder(o, MemoryOrder::OneAfterTheOther);
    EXPECT_TRUE(stored.oneAfterTheOther);
    // 256 of the 352 tokens are kept one by one: a lower bound, and a close one.
    EXPECT_LE(stored.meanDivergence.value, exact.meanDivergence.value + 1e-7);
    EXPECT_GT(stored.meanDivergence.value, 0.5 * exact.meanDivergence.value);
    EXPECT_EQ(stored.wordAgreement.value, exact.wordAgreement.value);
    EXPECT_NEAR(stored.original.perplexity.value, exact.original.perplexity.value, 1e-6);
    EXPECT_NEAR(stored.smaller.perplexity.value, exact.smaller.perplexity.value, 1e-6);
    ASSERT_EQ(stored.stretches.size(), exact.stretches.size());
    for (std::size_t i = 0; i < exact.stretches.size(); ++i) {
        EXPECT_EQ(stored.stretches[i].begins, exact.stretches[i].begins);
        EXPECT_EQ(stored.stretches[i].agreement, exact.stretches[i].agreement);
        EXPECT_LE(stored.stretches[i].divergence, exact.stretches[i].divergence + 1e-7);
    }
}

TEST_F(Compare, AnswersAreTheSameInBothOrdersAndWithTheSameSeed) {
    CompareOptions o = options(quantized("Q2_K"));
    o.measure = false;
    o.prompts = {"Hello there", "What is a nibble?"};
    o.answerTokens = 12;
    o.generate.sampling.temperature = 0.7f;
    o.generate.sampling.seed = 5;
    const CompareReport a = compareInOrder(o, MemoryOrder::Together);
    const CompareReport b = compareInOrder(o, MemoryOrder::OneAfterTheOther);
    ASSERT_EQ(a.answers.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(a.answers[i].prompt, o.prompts[i]);
        EXPECT_EQ(a.answers[i].original, b.answers[i].original);
        EXPECT_EQ(a.answers[i].smaller, b.answers[i].smaller);
        EXPECT_GT(a.answers[i].originalTokens, 0);
        EXPECT_LE(a.answers[i].originalTokens, 12);
    }
    EXPECT_EQ(a.tokensScored, 0);
    EXPECT_EQ(a.verdict, "");
    for (const AnswerPair* pair : {&a.answers[0], &b.answers[0]}) { // sampled: any token may have been drawn
        ASSERT_FALSE(pair->identical);
        EXPECT_LE(pair->originalChance, 1);
        EXPECT_EQ(pair->originalChance, a.answers[0].originalChance);
        EXPECT_EQ(pair->smallerChance, a.answers[0].smallerChance);
    }
    o.generate.sampling.temperature = 0;
    for (const AnswerPair& pair : compareModels(o).answers) {
        EXPECT_GT(pair.originalSpeed, 0);
        ASSERT_FALSE(pair.identical);
        EXPECT_GT(pair.originalChance, 0);
        EXPECT_GE(pair.originalChance, pair.smallerChance) << "without chance it takes its likeliest";
    }
    o.smaller = original; // without a seed both still draw alike
    o.generate.sampling.seed = 0;
    EXPECT_TRUE(compareModels(o).answers[0].identical);
}

TEST_F(Compare, ThreeModelsAnswerAsTwoAndTwoDo) {
    AskOptions ask;
    ask.models = {original, quantized("Q2_K"), quantized("Q4_0")};
    ask.prompts = {"Hello there", "What is a nibble?"};
    ask.answerTokens = 12;
    ask.generate.sampling.temperature = 0.7f;
    ask.generate.sampling.seed = 5;
    ask.threads = 2;
    std::size_t told = 0;
    ask.onAnswer = [&](const AskReport& report) {
        EXPECT_EQ(report.answers.size(), ++told);
        EXPECT_EQ(report.answers.back().pairs.size(), 2u);
        for (const AskedModel& model : report.models) EXPECT_GT(model.memoryBytes, 0u);
    };
    double last = 0;
    const AskReport together = askInOrder(ask, MemoryOrder::Together, [&](const Progress& p) {
        EXPECT_GE(p.fraction, last - 1e-9);
        last = p.fraction;
    });
    EXPECT_EQ(last, 1);
    EXPECT_EQ(told, 2u);
    EXPECT_FALSE(together.oneAfterTheOther);
    ASSERT_EQ(together.models.size(), 3u);
    EXPECT_EQ(together.models[2].formatName, "Q4_0");
    told = 0;
    const AskReport one = askInOrder(ask, MemoryOrder::OneAfterTheOther);
    EXPECT_TRUE(one.oneAfterTheOther);
    for (std::size_t other : {0u, 1u}) {
        CompareOptions o = options(ask.models[other + 1]);
        o.measure = false;
        o.prompts = ask.prompts;
        o.answerTokens = ask.answerTokens;
        o.generate = ask.generate;
        const CompareReport two = compareModels(o);
        for (std::size_t i = 0; i < 2; ++i) {
            const AnswerPair &expected = two.answers[i], &pair = together.answers[i].pairs[other];
            EXPECT_EQ(together.answers[i].prompt, ask.prompts[i]);
            EXPECT_EQ(pair.original, expected.original);
            EXPECT_EQ(pair.smaller, expected.smaller);
            EXPECT_EQ(pair.sameWords, expected.sameWords);
            EXPECT_EQ(pair.originalChance, expected.originalChance);
            EXPECT_EQ(pair.smallerChance, expected.smallerChance);
            EXPECT_EQ(one.answers[i].pairs[other].smaller, expected.smaller);
            EXPECT_EQ(one.answers[i].pairs[other].originalChance, expected.originalChance);
        }
    }
    EXPECT_NE(together.answers[0].pairs[0].smaller, together.answers[0].pairs[1].smaller) << "two formats";
    for (const std::size_t many : {1u, 4u}) {
        ask.models.assign(many, original);
        try {
            (void)askModels(ask);
            FAIL() << many << " models";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadRequest);
        }
    }
}

TEST_F(Compare, WhetherModelsFitCountsAllOfThem) {
    const std::vector<ModelInfo> three(3, inspectToRun(original));
    const std::span<const ModelInfo> two(three.data(), 2);
    EstimateRequest request;
    request.model = original;
    request.contextLength = 64;
    request.threads = 2;
    request.device.device = "cpu";
    const uint64_t each = estimateModel(request).totalBytes;
    ASSERT_GT(each, 0u);
    EXPECT_TRUE(fitTogether(three, 64, 2, 0, 3 * each));
    EXPECT_FALSE(fitTogether(three, 64, 2, 0, 3 * each - 1)) << "the third counts as the others do";
    EXPECT_TRUE(fitTogether(two, 64, 2, 0, 3 * each - 1));
    EXPECT_FALSE(fitTogether(two, 64, 2, each, 3 * each - 1)) << "so does what is needed beside them";
}

TEST_F(Compare, TheChanceOfTheChangedWordIsTheOriginalsOwn) {
    CompareOptions o = options(quantized("Q2_K"));
    o.measure = false;
    o.prompts = {"What is a nibble?"};
    o.answerTokens = 12;
    const AnswerPair pair = compareModels(o).answers[0];
    GenerateOptions generate = o.generate;
    generate.maxTokens = o.answerTokens;
    const auto load = [&](const std::filesystem::path& path) {
        LoadOptions options;
        options.model = path;
        options.threads = 2;
        options.device.device = "cpu";
        return Session::load(options);
    };
    const auto x = load(original), y = load(o.smaller);
    ASSERT_FALSE(x->info().hasChatTemplate);
    const std::vector<int32_t> a = x->complete(o.prompts[0], generate).tokens,
                               b = y->complete(o.prompts[0], generate).tokens;
    const auto [own, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    ASSERT_TRUE(own != a.end() && other != b.end()) << "a test that compares nothing";
    std::vector<int32_t> tokens = x->tokenize(o.prompts[0], true);
    tokens.insert(tokens.end(), a.begin(), own);
    x->evaluate(tokens, int32_t(tokens.size()) - 1, [&](int32_t, std::span<const float> logits) {
        double sum = 0;
        for (const float value : logits) sum += std::exp(double(value));
        EXPECT_NEAR(pair.originalChance, std::exp(double(logits[std::size_t(*own)])) / sum, 1e-4);
        const double less = std::exp(double(logits[std::size_t(*other)])) / sum;
        EXPECT_NEAR(pair.smallerChance, pair.smallerChance < 0 ? -1 : less, 1e-4);
    });
}

TEST_F(Compare, SpeedsAreMeasured) {
    CompareOptions o = options(original);
    o.speed = true;
    const CompareReport report = compareModels(o);
    for (const ModelFigures* figures : {&report.original, &report.smaller}) {
        EXPECT_GT(figures->prefillSpeed, 0);
        EXPECT_GT(figures->decodeSpeed, 0);
        EXPECT_GT(figures->memoryBytes, 100000u);
    }
    EXPECT_GT(report.seconds, 0);
}

TEST_F(Compare, AnotherVocabularyIsRefused) {
    const std::filesystem::path other = folder / "other";
    std::filesystem::copy(original, other);
    nlohmann::json tokenizer = nlohmann::json::parse(std::ifstream(other / "tokenizer.json"));
    nlohmann::json& vocabulary = tokenizer["model"]["vocab"]; // as large, but two letters trade places
    std::swap(vocabulary["e"], vocabulary["t"]);
    std::ofstream(other / "tokenizer.json") << tokenizer;
    for (const MemoryOrder order : {MemoryOrder::Together, MemoryOrder::OneAfterTheOther}) {
        try {
            compareInOrder(options(other), order);
            FAIL() << "no error";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadRequest);
            EXPECT_NE(error.message.find("vocabulary"), std::string::npos) << error.message;
        }
    }
}

TEST_F(Compare, TextsOfPeople) {
    CompareOptions o = options(original);
    o.text = folder / "short.txt";
    std::ofstream(o.text) << "Too short.";
    EXPECT_THROW(compareModels(o), Error);
    std::ofstream(o.text) << std::string(sampleText().substr(0, 3000));
    o.chunks = 100000; // as many as there are
    const CompareReport report = compareModels(o);
    EXPECT_EQ(report.textName, "short.txt");
    EXPECT_GT(report.tokensScored, 0);
    EXPECT_EQ(report.tokensScored % 31, 0);
    o.text = folder / "absent.txt";
    try {
        compareModels(o);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::NotFound);
    }
    o.text.clear();
    o.chunkTokens = 100000;
    EXPECT_THROW(compareModels(o), Error);
}

TEST_F(Compare, ProgressGrowsAndStopStops) {
    CompareOptions o = options(quantized("Q8_0"));
    o.prompts = {"Hello"};
    o.answerTokens = 4;
    double last = 0;
    std::string lastStage;
    compareModels(o, [&](const Progress& p) {
        EXPECT_GE(p.fraction, last - 1e-9);
        EXPECT_LE(p.fraction, 1);
        last = p.fraction;
        lastStage = p.stage;
    });
    EXPECT_EQ(last, 1);
    EXPECT_FALSE(lastStage.empty());

    std::stop_source source;
    try {
        compareModels(
            o, [&](const Progress&) { source.request_stop(); }, source.get_token());
        FAIL() << "not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Canceled);
    }
}
