// nibble-cli from the outside: exit codes, --json, help, and every verb on a tiny model.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/engine.h>
#include <process.h>
#include <quantize/written_model.h>
#include <random>
#include <sstream>
#include <thread>

using namespace nibble;
using nlohmann::json;
using test::CliResult;
using test::runCli;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kVerbs = {"models",  "get",      "pack",    "inspect", "estimate",
                                         "preview", "quantize", "chat",    "compare", "layers",
                                         "bench",   "recipes",  "devices", "doctor",  "engine"};

class Cli : public testing::Test {
protected:
    void SetUp() override {
        const fs::path golden = test::goldenDir("models/llama");
        if (golden.empty()) GTEST_SKIP() << "the golden models are not here";
        model = (folder / "Tiny-BF16").string(); // a copy: files are written beside it
        fs::copy(golden, model, fs::copy_options::recursive);
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& entry : fs::directory_iterator(folder.path())) out.push_back(entry.path().filename().string());
        std::sort(out.begin(), out.end());
        return out;
    }

    test::TempFolder folder;
    std::string model;
};

void expectContains(const std::string& text, const std::vector<std::string>& parts) {
    for (const std::string& part : parts)
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
}

} // namespace

TEST(CliHelp, EveryVerbExplainsItself) {
    const CliResult help = runCli({"--help"});
    EXPECT_EQ(help.code, 0);
    expectContains(help.out, kVerbs);
    expectContains(help.out, {"Start here:", "Exit codes:"});
    for (const std::string& verb : kVerbs) {
        const CliResult result = runCli({verb, "--help"});
        EXPECT_EQ(result.code, 0) << verb;
        if (verb != "engine") expectContains(result.out, {"Examples:", "nibble-cli " + verb, "--json"});
        std::istringstream lines(result.out);
        for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 140u) << verb << ": " << line;
    }
    expectContains(runCli({"--version"}).out, {versionString()});
}

TEST(CliUsage, MistakesAreCode2) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"explode"},
                                               {"inspect"},
                                               {"inspect", "a", "b"},
                                               {"estimate", "a", "--context", "many"},
                                               {"quantize", "a", "--bits", "4", "--recipe", "Q8_0"},
                                               {"quantize", "a", "--bits", "4", "--size", "100MB"},
                                               {"quantize", "a", "--size", "100 apples"},
                                               {"quantize", "a", "--size", "-5MB"},
                                               {"chat", "a", "--temperature", "-1"},
                                               {"compare", "a"},
                                               {"bench", "a", "-r", "0"}}) {
        const CliResult result = runCli(arguments);
        EXPECT_EQ(result.code, 2) << (arguments.empty() ? "no arguments" : arguments[0]) << result.err;
        EXPECT_EQ(result.out, "");
        EXPECT_NE(result.err, "");
    }
    const CliResult asJson = runCli({"estimate", "a", "--json", "--context", "many"});
    EXPECT_EQ(asJson.code, 2);
    EXPECT_EQ(asJson.json()["error"]["kind"], "bad-request");
}

TEST_F(Cli, ErrorsHaveTheirOwnCodes) {
    const std::string broken = (folder / "broken.gguf").string();
    std::ofstream(broken) << "GGUF";
    EXPECT_EQ(runCli({"inspect", (folder / "absent").string()}).code, 3);
    const CliResult result = runCli({"inspect", broken});
    EXPECT_EQ(result.code, 4);
    EXPECT_EQ(result.out, "");
    expectContains(result.err, {"nibble-cli: ", "broken.gguf"});
    const CliResult asJson = runCli({"inspect", broken, "--json"});
    EXPECT_EQ(asJson.code, 4);
    EXPECT_EQ(asJson.err, "");
    EXPECT_EQ(asJson.json()["error"]["kind"], "bad-file");
    EXPECT_EQ(runCli({"quantize", model, "--recipe", "Q99"}).code, 2);
    EXPECT_EQ(runCli({"quantize", model, "--bits", "7"}).code, 2);
    EXPECT_EQ(runCli({"quantize", model, "-o", "/nibble/no/such/folder/x.gguf"}).code, 3);
    EXPECT_EQ(runCli({"chat", model, "--prompt", ""}).code, 2);
}

TEST_F(Cli, DevicesRecipesModels) {
    expectContains(runCli({"devices"}).out, {"memory:", "cpu"});
    EXPECT_EQ(runCli({"devices", "--json"}).json()["devices"][0]["id"], "cpu");
    expectContains(runCli({"recipes"}).out, {"Q4_K_M", "Good balance", "Q8_0"});
    EXPECT_GT(runCli({"recipes", "--json"}).json()["recipes"].size(), 5u);
    expectContains(runCli({"models", folder.path().string()}).out, {"Tiny-BF16", "llama"});
    EXPECT_EQ(runCli({"models", folder.path().string(), "--json"}).json()["models"].size(), 1u);
    const CliResult none = runCli({"models", (folder / "absent").string()});
    EXPECT_EQ(none.code, 0);
    expectContains(none.out, {"None yet"});
}

TEST_F(Cli, InspectAndEstimate) {
    expectContains(runCli({"inspect", model, "--tensors", "--metadata"}).out,
                   {"stored as", "BF16", "blk.0.attn_q.weight", "general.architecture"});
    EXPECT_EQ(runCli({"inspect", model, "--json"}).json()["layers"], 3);
    expectContains(runCli({"estimate", model}).out, {"memory in all", "Fits"});
    EXPECT_EQ(runCli({"estimate", model, "-c", "100", "--json"}).json()["contextLength"], 100);
}

/// Named, with what is missing and what can still be done, which then works.
TEST_F(Cli, AModelOfAKindThatCannotRunCanBeInspectedAndMadeSmaller) {
    const std::string plain = (folder / "Plain.gguf").string();
    ASSERT_EQ(runCli({"quantize", model, "--recipe", "as-is", "-o", plain}).code, 0);
    std::ifstream in(plain, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    const std::size_t key = bytes.find("general.architecture"), kind = bytes.find("llama", key);
    ASSERT_LT(kind, key + 64);
    const std::string other = (folder / "Other.gguf").string(), small = (folder / "Small.gguf").string();
    std::ofstream(other, std::ios::binary) << bytes.replace(kind, 5, "mamba");
    const CliResult info = runCli({"inspect", other});
    EXPECT_EQ(info.code, 0);
    expectContains(info.out, {"no: This model is of the kind \"mamba\"", "it has state-space layers",
                              "made smaller; `nibble-cli quantize MODEL --plan` shows to what size"});
    EXPECT_NE(runCli({"chat", other, "--prompt", "Hi"}).code, 0);
    expectContains(runCli({"quantize", other, "--recipe", "Q8_0", "--plan"}).out, {"Would be written as Q8_0"});
    ASSERT_EQ(runCli({"quantize", other, "--recipe", "Q8_0", "-o", small}).code, 0);
    EXPECT_EQ(runCli({"inspect", small, "--json"}).json()["formatName"], "Q8_0");
    expectContains(runCli({"inspect", small, "--plan"}).err, {"mamba", "state-space layers"});
}

TEST_F(Cli, QuantizeProposesANameAndNeverOverwrites) {
    const CliResult planned = runCli({"quantize", model, "--plan"});
    EXPECT_EQ(planned.code, 0);
    expectContains(planned.out, {"blk.0.attn_q.weight", "Would be written"});
    EXPECT_EQ(names(), std::vector<std::string>{"Tiny-BF16"});

    const CliResult first = runCli({"quantize", model, "--bits", "8"});
    EXPECT_EQ(first.code, 0) << first.err;
    expectContains(first.out, {"No --output given: writing", "Tiny-Q8_0.gguf", "of the size"});
    EXPECT_EQ(names(), (std::vector<std::string>{"Tiny-BF16", "Tiny-Q8_0.gguf"}));
    EXPECT_EQ(first.err, "") << "progress is for terminals";

    const CliResult second = runCli({"quantize", model, "--bits", "8"});
    EXPECT_EQ(second.code, 2);
    expectContains(second.err, {"there already", "--overwrite"});
    const CliResult third = runCli({"quantize", model, "--bits", "8", "--overwrite", "--json"});
    EXPECT_EQ(third.code, 0);
    EXPECT_EQ(third.json()["output"], (folder / "Tiny-Q8_0.gguf").string());

    // A smaller one from a small one: only when asked for; the name changes its end.
    const std::string small = (folder / "Tiny-Q8_0.gguf").string();
    EXPECT_EQ(runCli({"quantize", small, "--bits", "4"}).code, 2);
    EXPECT_EQ(runCli({"quantize", small, "--recipe", "q4_0", "--allow-requantize"}).code, 0);
    EXPECT_TRUE(fs::exists(folder / "Tiny-Q4_0.gguf"));
    // From inside the folder, and with a slash at its end.
    EXPECT_EQ(runCli({"quantize", model + "/", "--recipe", "Q6_K"}).code, 0);
    EXPECT_TRUE(fs::exists(folder / "Tiny-Q6_K.gguf"));
}

TEST_F(Cli, QuantizeToASize) {
    const CliResult small = runCli({"quantize", model, "--size", "1kB"});
    EXPECT_EQ(small.code, 2);
    expectContains(small.err, {"cannot be made that small", "is the smallest size there is"});
    expectContains(runCli({"quantize", model, "--size-of", "Q8_0", "--plan"}).out, {"Would be written", "a guess"});

    const CliResult made = runCli({"quantize", model, "--size-of", "Q8_0"});
    ASSERT_EQ(made.code, 0) << made.err;
    expectContains(made.out, {"Tiny-Q8_0-size.gguf", "attn_q.weight", "as Mixture", "nats a token"});
    ASSERT_EQ(runCli({"quantize", model, "--bits", "8"}).code, 0);
    const fs::path mixture = folder / "Tiny-Q8_0-size.gguf";
    EXPECT_LE(fs::file_size(mixture), fs::file_size(folder / "Tiny-Q8_0.gguf"));

    const fs::path again = folder / "again.gguf";
    ASSERT_EQ(runCli({"quantize", model, "--formats-of", mixture.string(), "-o", again.string()}).code, 0);
    const auto tensors = [](const fs::path& file) {
        return runCli({"inspect", file.string(), "--tensors", "--json"}).json()["tensors"];
    };
    EXPECT_EQ(tensors(again), tensors(mixture));
}

TEST_F(Cli, CarefulFilesHaveScalesUnlessTheyAreNotWanted) {
    const std::string text = (folder / "text.txt").string(), out = (folder / "out.gguf").string();
    std::ofstream sample(text);
    for (int i = 0; i < 40; ++i) sample << "The " << i << " letters are on the desk of the office.\n";
    sample.close();
    const auto method = [&](std::vector<std::string> more) {
        std::vector<std::string> all = {"quantize", model, "--recipe",      "Q8_0", "--care",     "careful",
                                        "-o",       out,   "--sample-text", text,   "--overwrite"};
        all.insert(all.end(), more.begin(), more.end());
        const CliResult made = runCli(all);
        EXPECT_EQ(made.code, 0) << made.err;
        const json info = runCli({"inspect", out, "--metadata", "--json"}).json();
        for (const json& key : info["metadata"])
            if (key[0] == "nibble.method") return key[1].get<std::string>();
        return std::string();
    };
    EXPECT_EQ(method({}), "AWQ, GPTQ with descent, importance measured");
    EXPECT_EQ(method({"--no-awq"}), "GPTQ with descent, importance measured");
    EXPECT_EQ(runCli({"quantize", model, "--awq", "--no-awq"}).code, 2);
}

TEST_F(Cli, LayersNameWhereMoreBitsGainMost) {
    const std::string small = (folder / "small.gguf").string();
    ASSERT_EQ(runCli({"quantize", model, "--recipe", "Q4_0", "-o", small}).code, 0);
    const CliResult layers = runCli({"layers", model, small});
    ASSERT_EQ(layers.code, 0) << layers.err;
    expectContains(layers.out, {"words", "█", "More bits gain most in", "--finer-layers="});
    const json worth = runCli({"layers", model, small, "--json"}).json()["worthMost"];
    ASSERT_GE(worth.size(), 2u);
    const std::string finer = (folder / "finer.gguf").string();
    const std::string two = std::to_string(int(worth[0])) + "," + std::to_string(int(worth[1]));
    const CliResult made = runCli({"quantize", model, "--formats-of", small, "--finer-layers=" + two, "-o", finer});
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_GT(fs::file_size(finer), fs::file_size(small));
}

TEST_F(Cli, Preview) {
    const CliResult preview = runCli({"preview", model});
    ASSERT_EQ(preview.code, 0) << preview.err;
    expectContains(preview.out, {"8 (Q8_0)", "3 (Q3_K_M)", "recommended", "Sizes are exact"});
}

TEST_F(Cli, Chat) {
    const std::vector<std::string> common = {"chat", model, "--chatml", "-n", "8", "--seed", "3"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), common.begin(), common.end());
        return more;
    };
    const CliResult asked = runCli(with({"--prompt", "Hello", "--json"}));
    EXPECT_EQ(asked.code, 0) << asked.out;
    EXPECT_EQ(asked.json()["seed"], 3);
    EXPECT_LE(asked.json()["generatedTokens"].get<int>(), 8);
    const CliResult piped = runCli(with({}), "Hello\n");
    EXPECT_EQ(piped.code, 0);
    EXPECT_EQ(piped.out, asked.json()["text"].get<std::string>() + "\n") << "the same seed gives the same answer";
    EXPECT_EQ(runCli(with({"--stats"}), "Hello").err.find("tokens") == std::string::npos, false);
}

/// The tiny model has no template, as models that were not made for chat.
TEST_F(Cli, ContinuesAText) {
    const CliResult refused = runCli({"chat", model, "--prompt", "Hello"});
    EXPECT_EQ(refused.code, 5);
    expectContains(refused.err, {"--continue", "--chatml"});
    const std::vector<std::string> arguments = {"chat", model, "--continue", "-n", "8", "--seed", "3"};
    const CliResult piped = runCli(arguments, "Hello\n");
    ASSERT_EQ(piped.code, 0) << piped.err;
    std::vector<std::string> asJson = arguments;
    asJson.insert(asJson.end(), {"--prompt", "Hello", "--json"});
    const json answer = runCli(asJson).json();
    EXPECT_EQ(piped.out, answer["text"].get<std::string>() + "\n");
    EXPECT_LE(answer["promptTokens"].get<int>(), 6) << "nothing around the text";
    EXPECT_EQ(runCli({"chat", model, "--continue", "--chatml", "--prompt", "Hello"}).code, 2);
}

TEST_F(Cli, ChatByAJsonSchema) {
    const std::string schema = (folder / "form.json").string();
    std::ofstream(schema)
        << R"({"type":"object","required":["ok","n"],"properties":{"ok":{"type":"boolean"},"n":{"enum":[1,2]}}})";
    const std::vector<std::string> arguments = {"chat", model,           "--chatml", "-n",       "200",  "--seed",
                                                "3",    "--json-schema", schema,     "--prompt", "Hello"};
    const CliResult result = runCli(arguments);
    EXPECT_EQ(result.code, 0) << result.err;
    const json answer = json::parse(result.out, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << result.out;
    EXPECT_TRUE(answer["ok"].is_boolean());
    std::ofstream(schema) << R"({"type":"array","uniqueItems":true})";
    const CliResult refused = runCli(arguments);
    EXPECT_NE(refused.code, 0);
    expectContains(refused.err, {"\"uniqueItems\""});
    EXPECT_EQ(runCli({"chat", model, "--json-schema", (folder / "absent").string(), "--prompt", "x"}).code, 2);
    EXPECT_EQ(runCli({"chat", model, "--thinking", "perhaps"}).code, 2);
}

TEST_F(Cli, CompareAndBench) {
    ASSERT_EQ(runCli({"quantize", model, "--recipe", "Q4_0"}).code, 0);
    const std::string small = (folder / "Tiny-Q4_0.gguf").string();
    const std::vector<std::string> arguments = {"compare", model,        small, "--chunks", "2",  "--chunk-tokens",
                                                "64",      "--no-speed", "-p",  "Hello",    "-n", "6"};
    const CliResult table = runCli(arguments);
    EXPECT_EQ(table.code, 0) << table.err;
    expectContains(table.out,
                   {"word agreement", "drift", "KL divergence", "next words match the original", "Question: Hello",
                    "size on disk", "perplexity", "Worst moments", "in the text: ", "Drift along the text"});
    std::vector<std::string> asJson = arguments;
    asJson.push_back("--json");
    const json report = runCli(asJson).json();
    EXPECT_EQ(report["tokensScored"], 2 * 31);
    EXPECT_EQ(report["smaller"]["formatName"], "Q4_0");
    EXPECT_FALSE(report["worstMoments"].empty());
    EXPECT_FALSE(report["stretches"].empty());
    std::vector<std::string> withReport = arguments;
    const std::string page = (folder / "report.html").string();
    withReport.insert(withReport.end(), {"--report", page});
    expectContains(runCli(withReport).out, {"Report written to " + page});
    EXPECT_TRUE(fs::exists(page));
    EXPECT_EQ(runCli(withReport).code, 2) << "it is there already";
    withReport.insert(withReport.end(), {"--overwrite", "--passport"});
    expectContains(runCli(withReport).out, {"Report written to " + page, "Quality passport written into " + small});
    expectContains(runCli({"inspect", small}).out, {"Quality passport", "are those that were measured", "Q4_0, round"});
    EXPECT_EQ(runCli({"inspect", small, "--json"}).json()["passport"]["holds"], true);
    withReport = arguments;
    withReport.insert(withReport.end(), {"--report", "report.odt"});
    EXPECT_EQ(runCli(withReport).code, 2);

    const CliResult bench = runCli({"bench", model, small, "-p", "16", "-n", "4", "-r", "1", "--trace", "--json"});
    EXPECT_EQ(bench.code, 0) << bench.err;
    const json results = bench.json()["results"];
    ASSERT_EQ(results.size(), 2u);
    for (const json& row : results) {
        EXPECT_GT(row["prefillSpeed"].get<double>(), 0);
        EXPECT_GT(row["decodeSpeed"].get<double>(), 0);
        EXPECT_GT(row["memoryBytes"].get<double>(), 0);
        EXPECT_GT(row["trace"]["dispatches"], 0);
        EXPECT_NEAR(row["trace"]["readRatio"].get<double>(), 1, 0.03);
    }
    expectContains(runCli({"bench", small, "-p", "16", "-n", "4", "-r", "1", "--trace"}).out,
                   {"reads 16", "writes 4", "Q4_0", "operations", "barriers", " %\n"});
}

TEST(CliDoctor, SaysWhatIsInTheBuildAndWhyThereIsNoCard) {
    setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
    const char* before = std::getenv("VK_ICD_FILENAMES");
    const std::string drivers = before ? before : "";
    setenv("VK_ICD_FILENAMES", "/nonexistent.json", 1);
    const CliResult doctor = runCli({"doctor", "--json"});
    ASSERT_EQ(doctor.code, 0) << doctor.err;
    EXPECT_TRUE(doctor.json()["cards"].empty());
    EXPECT_FALSE(doctor.json()["whyNoCard"].get<std::string>().empty());
    expectContains(runCli({"doctor"}).out, {"No graphics card: ", "processor, cpu", "scalar"});
    expectContains(runCli({"--version"}).out, {"graphics cards (Vulkan): ", "processor: ", "scalar; used here: "});
    EXPECT_EQ(runCli({"test-card", "0123"}).code, 3) << "the helper process";
    unsetenv("VK_DRIVER_FILES");
    if (before)
        setenv("VK_ICD_FILENAMES", drivers.c_str(), 1);
    else
        unsetenv("VK_ICD_FILENAMES");
}

namespace {

std::string bytesOf(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

/// Kills the job at random moments of its time, and starts it again each time: the bytes are those of a job that ran
/// through. Returns how often it went on behind a finished tensor, and how often with what it had learned.
std::pair<int, int> killAndContinue(const std::vector<std::string>& job, const fs::path& out, int kills) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(runCli(job).code, 0);
    const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - start;
    const std::string expected = bytesOf(out);
    const fs::path hidden = out.parent_path() / ("." + out.filename().string() + ".unfinished");
    fs::remove(out);

    std::mt19937 random(20);
    std::pair<int, int> continued;
    for (int kill = 0; kill <= kills; ++kill) {
        continued.second += fs::exists(hidden / "importance.gguf");
        test::Process victim(job);
        if (kill < kills) {
            std::this_thread::sleep_for(whole * std::uniform_real_distribution<>(0, 0.9)(random));
            victim.signal(SIGKILL);
        }
        std::string said, err;
        victim.finish(said, err);
        continued.first += said.find("continues at tensor ") != std::string::npos;
        EXPECT_TRUE(kill < kills || fs::exists(out)) << err;
        if (!fs::exists(out)) continue;
        EXPECT_EQ(bytesOf(out), expected) << "after kill " << kill;
        fs::remove(out);
    }
    EXPECT_FALSE(fs::exists(hidden));
    return continued;
}

TEST_F(Cli, KilledJobsGoOnWhereTheyWereAndMakeTheSameFile) {
    const fs::path source = folder / "source.gguf", out = folder / "out.gguf", text = folder / "text.txt";
    test::writeModel(test::makeModel({.layers = 3, .width = 768, .feedForward = 2048}), source);
    EXPECT_GT(killAndContinue({"quantize", source, "-o", out, "--recipe", "Q8_0"}, out, 14).first, 0)
        << "no kill came between two tensors";

    std::ofstream(text) << bytesOf(fs::path(NIBBLE_SOURCE_DIR) / "resources/texts/calibrate.txt").substr(0, 6000);
    EXPECT_GT(
        killAndContinue({"quantize", model, "-o", out, "--care", "careful", "--sample-text", text}, out, 6).second, 0)
        << "no kill came after learning";
    EXPECT_EQ(names(), (std::vector<std::string>{"Tiny-BF16", "source.gguf", "text.txt"}));
}

TEST_F(Cli, CtrlCStopsAJobCleanly) {
    test::Process process({"compare", model, model, "--chunks", "17"});
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    process.signal(SIGINT);
    std::string out, err;
    EXPECT_EQ(process.finish(out, err), 130);
    EXPECT_EQ(out, "");
}
