// The protocol against the real program: every verb, hostile lines, cancelling and ending.
#include "engine_client.h"

#include <algorithm>
#include <fstream>
#include <golden_dir.h>
#include <nibble/engine.h>
#include <nibble/protocol.h>
#include <quantize/written_model.h>
#include <thread>

using namespace nibble;
using nlohmann::json;
using test::EngineClient;

namespace {

class Engine : public testing::Test {
protected:
    void SetUp() override {
        model = test::goldenDir("models/llama").string();
        if (model.empty()) GTEST_SKIP() << "the golden models are not here";
    }
    json load() { return engine.call("load", {{"model", model}, {"threads", 2}}); }
    static json say(const std::string& text) { return json::array({{{"role", "user"}, {"content", text}}}); }
    json expectError(const json& answer, const std::string& kind, const std::string& named) {
        EXPECT_TRUE(answer.contains("error")) << answer;
        const json error = answer.value("error", json::object());
        EXPECT_EQ(error.value("kind", ""), kind) << error;
        EXPECT_NE(error.dump().find(named), std::string::npos) << error << " does not name " << named;
        for (const char* field : {"kind", "message", "detail", "whatToDo"}) EXPECT_TRUE(error.contains(field)) << field;
        return error;
    }
    /// While its lane does something else.
    void cancelWhileItWaits(const char* verb, const json& params) {
        const int64_t busy = engine.send("compare", {{"original", model}, {"smaller", model}, {"chunks", 17}});
        const int64_t waiting = engine.send(verb, params);
        EXPECT_EQ(engine.call("cancel", {{"target", waiting}})["result"]["found"], true);
        EXPECT_EQ(engine.call("cancel", {{"target", busy}})["result"]["found"], true);
        expectError(engine.end(waiting), "canceled", "");
    }

    EngineClient engine;
    std::string model;
    test::TempFolder folder;
};

std::string textOf(const std::vector<json>& events) {
    std::string text;
    for (const json& event : events)
        if (event["event"] == "text") text += event["data"]["text"].get<std::string>();
    return text;
}

void expectKeys(const json& object, const std::vector<std::string>& keys) {
    for (const std::string& key : keys) EXPECT_TRUE(object.contains(key)) << key << " is missing in " << object;
    EXPECT_EQ(object.size(), keys.size()) << object;
}

} // namespace

TEST_F(Engine, SaysHello) {
    EXPECT_EQ(engine.hello["hello"], protocol::kHello);
    EXPECT_EQ(engine.hello["protocol"], protocol::kVersion);
    EXPECT_EQ(engine.hello["version"], versionString());
    EXPECT_EQ(engine.hello["pid"], engine.process().pid());
}

TEST_F(Engine, Devices) {
    const json devices = engine.call("devices")["result"]["devices"];
    ASSERT_FALSE(devices.empty());
    EXPECT_EQ(devices[0]["id"], "cpu");
    EXPECT_GT(devices[0]["memoryBytes"].get<uint64_t>(), devices[0]["availableBytes"].get<uint64_t>());
    expectKeys(devices[0],
               {"id", "name", "kind", "driver", "memoryBytes", "availableBytes", "threads", "usable", "whyNot"});
}

TEST_F(Engine, MeasuresThisComputerAndForecastsFromIt) {
    const auto newEngine = [&] { // with a cache of its own
        setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
        auto client = std::make_unique<EngineClient>();
        unsetenv("XDG_CACHE_HOME");
        return client;
    };
    const auto estimate = [&](EngineClient& client) {
        return client.call("estimate", {{"model", model}, {"device", "cpu"}})["result"];
    };
    const auto fresh = newEngine();
    EXPECT_EQ(estimate(*fresh)["forecast"]["tokensPerSecond"], 0) << "nothing is known yet";
    const json report = fresh->call("measure")["result"];
    expectKeys(report, {"device", "name", "whyNoCard", "processorBytesPerSecond", "bytesPerSecond", "referenceWeights",
                        "referenceBytes", "tokensPerSecond", "seconds"});
    EXPECT_FALSE(fresh->events.empty());
    const double speed = report["processorBytesPerSecond"];
    EXPECT_GT(speed, 1e7);
    EXPECT_LT(speed, 1e13);
    EXPECT_DOUBLE_EQ(report["tokensPerSecond"].get<double>(),
                     report["bytesPerSecond"].get<double>() / report["referenceBytes"].get<double>());
    const json known = estimate(*fresh);
    const double expected = speed / known["decodeBytesPerToken"].get<double>();
    EXPECT_NEAR(known["forecast"]["tokensPerSecond"].get<double>(), expected, 1e-3 * expected);
    EXPECT_EQ(estimate(*newEngine())["forecast"], known["forecast"]) << "kept for the next start";

    for (const std::string damaged : {"", "{", R"({"processor":"another one","bytesPerSecond":1e10})"}) {
        std::ofstream(folder / "nibble" / "processor-speed.json") << damaged;
        EXPECT_EQ(estimate(*newEngine())["forecast"]["tokensPerSecond"], 0) << damaged;
    }
}

TEST_F(Engine, Recipes) {
    const json recipes = engine.call("recipes")["result"]["recipes"];
    ASSERT_FALSE(recipes.empty());
    expectKeys(recipes[0], {"name", "stop", "label", "sentence", "nominalBits"});
    for (const int stop : {8, 6, 5, 4, 3})
        EXPECT_EQ(std::count_if(recipes.begin(), recipes.end(), [&](const json& r) { return r["stop"] == stop; }), 1);
}

TEST_F(Engine, Models) {
    std::filesystem::copy(model, folder / "tiny", std::filesystem::copy_options::recursive);
    std::ofstream(folder / "broken.gguf") << "not a model";
    const json result = engine.call("models", {{"folder", folder.path().string()}})["result"];
    EXPECT_EQ(result["folder"], folder.path().string());
    ASSERT_EQ(result["models"].size(), 2u);
    EXPECT_NE(result["models"][0]["problem"], "");
    EXPECT_FALSE(result["models"][0].contains("info"));
    EXPECT_EQ(result["models"][1]["problem"], "");
    EXPECT_EQ(result["models"][1]["info"]["architecture"], "llama");
    EXPECT_FALSE(result["models"][1]["info"].contains("tensors"));
}

TEST_F(Engine, Inspect) {
    const json info = engine.call("inspect", {{"path", model}})["result"];
    expectKeys(info, {"path",       "name",
                      "container",  "architecture",
                      "sizeLabel",  "license",
                      "formatName", "bitsPerWeight",
                      "fileBytes",  "weightBytes",
                      "parameters", "contextLength",
                      "layers",     "embedding",
                      "heads",      "kvHeads",
                      "headDim",    "feedForward",
                      "experts",    "expertsUsed",
                      "vocab",      "tiedEmbedding",
                      "quantized",  "hasChatTemplate",
                      "supported",  "unsupportedReason",
                      "warnings",   "bytesByFormat",
                      "tensors",    "metadata"});
    EXPECT_EQ(info["architecture"], "llama");
    EXPECT_EQ(info["container"], "huggingface");
    EXPECT_EQ(info["layers"], 3);
    EXPECT_EQ(info["vocab"], 352);
    EXPECT_TRUE(info["supported"].get<bool>());
    EXPECT_FALSE(info["tensors"].empty());
    expectError(engine.call("inspect", {{"path", (folder / "absent").string()}}), "not-found", "absent");
}

TEST_F(Engine, Estimate) {
    const json estimate = engine.call("estimate", {{"model", model}, {"contextLength", 128}})["result"];
    expectKeys(estimate, {"contextLength", "fileBytes", "weightBytes", "kvBytes", "activationBytes", "scratchBytes",
                          "totalBytes", "fileRowBytes", "gpuBytes", "device", "deviceReason", "bitsPerWeight",
                          "decodeMacsPerToken", "decodeBytesPerToken", "forecast", "verdict"});
    EXPECT_EQ(estimate["contextLength"], 128);
    EXPECT_EQ(estimate["verdict"]["fit"], "fits");
    const json smaller =
        engine.call("estimate", {{"model", model}, {"recipe", "Q4_0"}, {"contextLength", 128}})["result"];
    EXPECT_LT(smaller["fileBytes"].get<uint64_t>(), estimate["fileBytes"].get<uint64_t>());
}

TEST_F(Engine, PlanAndQuantize) {
    const std::string output = (folder / "small.gguf").string();
    const json plan = engine.call("plan", {{"source", model}, {"recipe", "Q8_0"}})["result"];
    expectKeys(plan, {"recipe", "fileBytes", "sourceBytes", "peakMemoryBytes", "bitsPerWeight", "tensors"});
    const json params = {{"source", model}, {"output", output}, {"recipe", "Q8_0"}};
    const json result = engine.call("quantize", params)["result"];
    EXPECT_EQ(result["output"], output);
    EXPECT_EQ(result["plan"], plan);
    EXPECT_EQ(std::filesystem::file_size(output), plan["fileBytes"].get<uint64_t>());
    EXPECT_FALSE(engine.events.empty());
    for (const json& event : engine.events) {
        EXPECT_EQ(event["event"], "progress");
        expectKeys(event["data"], {"stage", "item", "fraction", "secondsLeft"});
    }
    expectError(engine.call("quantize", params), "bad-request", "small.gguf");
    json again = params;
    again["overwrite"] = true;
    EXPECT_TRUE(engine.call("quantize", again).contains("result"));
    expectError(engine.call("plan", {{"source", output}, {"recipe", "Q4_0"}}), "bad-request", "");
    expectError(engine.call("plan", {{"source", model}, {"recipe", "Q99"}}), "bad-request", "Q99");
}

TEST_F(Engine, Preview) {
    const json preview = engine.call("preview", {{"source", model}})["result"];
    expectKeys(preview, {"stops", "tokens", "roundedShare", "seconds"});
    ASSERT_EQ(preview["stops"].size(), 5u);
    for (const json& stop : preview["stops"]) {
        expectKeys(stop, {"recipe", "label", "stop", "fileBytes", "memoryBytes", "makingMemoryBytes", "seconds",
                          "divergence", "agreement", "drift", "verdict", "fits", "recommended"});
        expectKeys(stop["agreement"], {"expected", "low", "high"});
    }
    expectError(engine.call("preview", {{"source", "/nowhere"}}), "not-found", "/nowhere");
}

TEST_F(Engine, LayersAndWhatMakesThemFiner) {
    const std::string small = (folder / "small.gguf").string(), finer = (folder / "finer.gguf").string();
    ASSERT_TRUE(engine.call("quantize", {{"source", model}, {"output", small}, {"recipe", "Q4_0"}}).contains("result"));
    const json costs = engine.call("layers", {{"original", model}, {"smaller", small}})["result"];
    expectKeys(costs, {"layers", "divergence", "tokens", "worthMost", "worthMostBytes", "sentence", "seconds"});
    EXPECT_FALSE(engine.events.empty());
    for (const json& event : engine.events) EXPECT_EQ(event["data"]["stage"], "Measuring layers");
    ASSERT_EQ(costs["layers"].size(), 4u) << "the tables of words, and three layers";
    for (const json& layer : costs["layers"])
        expectKeys(layer, {"layer", "divergence", "divergenceError", "bytes", "finerBytes"});
    EXPECT_EQ(costs["layers"][0]["layer"], -1);
    ASSERT_FALSE(costs["worthMost"].empty());

    json job = {{"source", model}, {"formatsOf", small}, {"finerLayers", costs["worthMost"]}};
    const json before = engine.call("plan", {{"source", model}, {"formatsOf", small}})["result"];
    const json plan = engine.call("plan", job)["result"];
    EXPECT_EQ(plan["fileBytes"].get<uint64_t>() - before["fileBytes"].get<uint64_t>(), costs["worthMostBytes"]);
    job["output"] = finer;
    const json made = engine.call("quantize", job)["result"];
    EXPECT_EQ(made["plan"], plan);
    EXPECT_EQ(std::filesystem::file_size(finer), plan["fileBytes"].get<uint64_t>());

    expectError(engine.call("layers", {{"original", model}, {"smaller", "/nowhere"}}), "not-found", "/nowhere");
    const std::string other = (folder / "other.gguf").string(), noise = (folder / "noise.gguf").string();
    test::writeModel(test::makeModel({}), other);
    expectError(engine.call("layers", {{"original", model}, {"smaller", other}}), "bad-request", "another model");
    std::ofstream(noise) << std::string("GGUF\3\0\0\0", 8) << std::string(4000, '\xff');
    expectError(engine.call("layers", {{"original", model}, {"smaller", noise}}), "bad-file", "noise.gguf");
    job["finerLayers"] = {99};
    expectError(engine.call("plan", job), "bad-request", "layer 99");
    job.erase("formatsOf");
    expectError(engine.call("quantize", job), "bad-request", "finer");
}

TEST_F(Engine, CancelledLayersEndAtOnce) {
    cancelWhileItWaits("layers", {{"original", model}, {"smaller", model}});
    bool asked = false;
    const int64_t running = engine.send("layers", {{"original", model}, {"smaller", model}});
    const json end = engine.end(running, [&](const json&) {
        if (!asked) engine.send("cancel", {{"target", running}});
        asked = true;
    });
    expectError(end, "canceled", "");
}

TEST_F(Engine, LoadChatUnload) {
    expectError(engine.call("chat", {{"messages", say("Hi")}}), "bad-request", "Open a model first");
    const json info = load()["result"];
    expectKeys(info, {"name", "backend", "cpuLevel", "device", "deviceReason", "layers", "gpuLayers", "contextLength",
                      "vocabSize", "memoryBytes", "hasChatTemplate", "thinks", "canSwitchThinking", "loadSeconds",
                      "suggestedSampling"});
    expectKeys(info["suggestedSampling"],
               {"temperature", "topK", "topP", "minP", "repeatPenalty", "repeatLastN", "presencePenalty",
                "frequencyPenalty", "dryMultiplier", "dryBase", "dryAllowedLength", "dryBreakers", "xtcProbability",
                "xtcThreshold", "mirostatTau", "mirostatEta", "seed"});
    const json params = {
        {"messages", say("Hello")}, {"maxTokens", 20}, {"allowChatMl", true}, {"sampling", {{"seed", 7}}}};
    const json first = engine.call("chat", params)["result"];
    expectKeys(first, {"text", "finish", "promptTokens", "reusedTokens", "generatedTokens", "contextUsed",
                       "contextLength", "droppedTurns", "prefillSeconds", "decodeSeconds", "seed"});
    EXPECT_EQ(textOf(engine.events), first["text"]);
    EXPECT_EQ(first["seed"], 7);
    const json second = engine.call("chat", params)["result"];
    EXPECT_EQ(second["text"], first["text"]);
    EXPECT_GT(second["reusedTokens"].get<int>(), 0);
    EXPECT_TRUE(engine.call("unload").contains("result"));
    expectError(engine.call("chat", params), "bad-request", "No model is loaded");
}

TEST_F(Engine, CountsTokens) {
    expectError(engine.call("tokens", {{"text", "Hi"}}), "bad-request", "No model is loaded");
    load();
    const int one = engine.call("tokens", {{"text", "a nibble"}})["result"]["tokens"].get<int>();
    EXPECT_GT(one, 0);
    EXPECT_GT(engine.call("tokens", {{"text", "a nibble and a byte"}})["result"]["tokens"].get<int>(), one);
    EXPECT_EQ(engine.call("tokens", {{"text", ""}})["result"]["tokens"], 0);
}

TEST_F(Engine, AModelThatCannotBeReadLeavesTheLoadedOne) {
    load();
    std::ofstream(folder / "broken.gguf") << "GGUF";
    expectError(engine.call("load", {{"model", (folder / "broken.gguf").string()}}), "bad-file", "broken.gguf");
    EXPECT_TRUE(
        engine.call("chat", {{"messages", say("Hi")}, {"maxTokens", 2}, {"allowChatMl", true}}).contains("result"));
}

TEST_F(Engine, Compare) {
    const json report = engine.call("compare", {{"original", model},
                                                {"smaller", model},
                                                {"chunkTokens", 32},
                                                {"chunks", 2},
                                                {"prompts", {"Hi"}},
                                                {"answerTokens", 4},
                                                {"speed", false}})["result"];
    expectKeys(report, {"original",       "smaller",       "tokensScored",       "textName",      "oneAfterTheOther",
                        "meanDivergence", "divergence99",  "divergence999",      "maxDivergence", "wordAgreement",
                        "agreementLow",   "agreementHigh", "logPerplexityRatio", "verdict",       "drift",
                        "sentence",       "worstMoments",  "stretches",          "tasks",         "answers",
                        "seconds",        "version",       "measuredAt",         "textHash",      "warning"});
    expectKeys(report["original"], {"name", "formatName", "fileBytes", "memoryBytes", "bitsPerWeight", "perplexity",
                                    "prefillSpeed", "decodeSpeed"});
    const std::string page = (folder / "report.html").string();
    EXPECT_EQ(engine.call("report", {{"report", report}, {"output", page}})["result"]["output"], page);
    EXPECT_TRUE(std::filesystem::exists(page));
    EXPECT_EQ(engine.call("report", {{"report", report}, {"output", page}})["error"]["kind"], "bad-request");
    EXPECT_EQ(
        engine.call("report", {{"report", {{"drift", 3}}}, {"output", page}, {"overwrite", true}})["error"]["kind"],
        "bad-request");
    EXPECT_EQ(engine.call("passport", {{"model", model}, {"original", model}, {"report", report}})["error"]["kind"],
              "unsupported")
        << "a folder";
    EXPECT_EQ(engine.call("verify", {{"model", model}})["result"], json({{"found", false}, {"holds", false}}));
    EXPECT_EQ(report["meanDivergence"]["value"], 0);
    EXPECT_EQ(report["wordAgreement"]["value"], 1);
    EXPECT_EQ(report["tokensScored"], 2 * 15);
    ASSERT_EQ(report["answers"].size(), 1u);
    expectKeys(report["answers"][0],
               {"prompt", "original", "smaller", "sameWords", "identical", "differsAtOriginal", "differsAtSmaller",
                "originalTokens", "smallerTokens", "originalSpeed", "smallerSpeed", "originalChance", "smallerChance"});
    EXPECT_TRUE(report["answers"][0]["identical"].get<bool>());
}

TEST_F(Engine, AskTwoOrThreeModels) {
    for (const std::size_t many : {2u, 3u}) {
        const json report = engine.call("ask", {{"models", std::vector<std::string>(many, model)},
                                                {"prompts", {"Hi", "Ho"}},
                                                {"answerTokens", 4}})["result"];
        expectKeys(report, {"models", "oneAfterTheOther", "answers", "seconds"});
        ASSERT_EQ(report["models"].size(), many);
        expectKeys(report["models"][0], {"name", "formatName", "fileBytes", "memoryBytes"});
        std::vector<json> events = engine.events;
        std::erase_if(events, [](const json& event) { return event["event"] != "answer"; });
        ASSERT_EQ(events.size(), 2u);
        for (std::size_t i = 0; i < 2; ++i) {
            const json& data = events[i]["data"];
            expectKeys(data, {"prompt", "pairs", "memoryBytes"});
            EXPECT_EQ(data["prompt"], i == 0 ? "Hi" : "Ho");
            EXPECT_EQ(data["pairs"], report["answers"][i]["pairs"]);
            ASSERT_EQ(data["memoryBytes"].size(), many);
            EXPECT_EQ(data["memoryBytes"][many - 1], report["models"][many - 1]["memoryBytes"]);
            ASSERT_EQ(data["pairs"].size(), many - 1);
            EXPECT_TRUE(data["pairs"].back()["identical"].get<bool>()) << "a model with itself";
        }
    }
    for (const std::size_t many : {1u, 4u})
        expectError(engine.call("ask", {{"models", std::vector<std::string>(many, model)}, {"prompts", {"Hi"}}}),
                    "bad-request", "models: " + std::to_string(many));
}

TEST_F(Engine, FieldsAreCheckedAndNamed) {
    const struct {
        const char* verb;
        json params;
        const char* named;
    } cases[] = {
        {"inspect", json::object(), "params.path"},
        {"inspect", {{"path", 5}}, "params.path"},
        {"inspect", {{"path", ""}}, "params.path"},
        {"inspect", {{"path", std::string("a\0b", 3)}}, "params.path"},
        {"inspect", {{"path", model}, {"pth", 1}}, "params.pth"},
        {"devices", {{"x", 1}}, "params.x"},
        {"estimate", {{"model", model}, {"contextLength", -1}}, "params.contextLength"},
        {"estimate", {{"model", model}, {"contextLength", 1e30}}, "params.contextLength"},
        {"estimate", {{"model", model}, {"contextLength", 1.5}}, "params.contextLength"},
        {"estimate", {{"model", model}, {"contextLength", "many"}}, "params.contextLength"},
        {"estimate", {{"model", model}, {"contextLength", UINT64_MAX}}, "params.contextLength"},
        {"estimate", {{"model", model}, {"kvFormat", "q2"}}, "params.kvFormat"},
        {"estimate", {{"model", model}, {"threads", 1000000}}, "params.threads"},
        {"plan", {{"source", model}}, "params.recipe"},
        {"plan", {{"source", model}, {"formatsOf", 3}}, "params.formatsOf"},
        {"plan", {{"source", model}, {"formatsOf", model}, {"finerLayers", 3}}, "params.finerLayers"},
        {"plan", {{"source", model}, {"formatsOf", model}, {"finerLayers", {0, "1"}}}, "params.finerLayers[1]"},
        {"plan", {{"source", model}, {"formatsOf", model}, {"finerLayers", {-2}}}, "params.finerLayers[0]"},
        {"plan", {{"source", model}, {"formatsOf", model}, {"finerLayers", {1e30}}}, "params.finerLayers[0]"},
        {"plan",
         {{"source", model}, {"formatsOf", model}, {"finerLayers", std::vector<int>(1001)}},
         "params.finerLayers has more"},
        {"layers", {{"original", model}}, "params.smaller"},
        {"layers", {{"original", model}, {"smaller", model}, {"threads", -1}}, "params.threads"},
        {"layers", {{"original", model}, {"smaller", model}, {"tokens", 5}}, "params.tokens"},
        {"quantize", {{"source", model}}, "params.output"},
        {"quantize", {{"source", model}, {"output", "/tmp/x"}, {"overwrite", "yes"}}, "params.overwrite"},
        {"chat", {{"messages", "hello"}}, "params.messages"},
        {"chat", {{"messages", {"hello"}}}, "params.messages[0]"},
        {"chat", {{"messages", json::array({{{"role", "user"}}})}}, "params.messages[0].content"},
        {"chat",
         {{"messages", json::array({{{"role", "user"}, {"content", "x"}, {"id", 1}}})}},
         "params.messages[0].id"},
        {"chat", {{"messages", json::array()}}, "params.messages"},
        {"chat", {{"messages", say("x")}, {"sampling", {{"temperature", "hot"}}}}, "params.sampling.temperature"},
        {"chat", {{"messages", say("x")}, {"sampling", {{"topP", 2}}}}, "params.sampling.topP"},
        {"chat", {{"messages", say("x")}, {"sampling", {{"seed", -1}}}}, "params.sampling.seed"},
        {"chat", {{"messages", say("x")}, {"sampling", {{"seed", 9007199254740992}}}}, "params.sampling.seed"},
        {"chat", {{"messages", say("x")}, {"sampling", 3}}, "params.sampling"},
        {"chat", {{"messages", say("x")}, {"stop", "end"}}, "params.stop"},
        {"chat", {{"messages", say("x")}, {"stop", {1}}}, "params.stop[0]"},
        {"chat", {{"messages", say("x")}, {"thinking", "yes"}}, "params.thinking"},
        {"chat", {{"messages", say("x")}, {"jsonSchema", {{"type", "string"}}}}, "params.jsonSchema"},
        {"chat", {{"messages", say("x")}, {"sampling", {{"dryBase", 0}}}}, "params.sampling.dryBase"},
        {"compare", {{"original", model}, {"smaller", model}, {"chunkTokens", 1}}, "params.chunkTokens"},
        {"ask", {{"prompts", {"x"}}}, "params.models"},
        {"ask", {{"models", model}}, "params.models"},
        {"ask", {{"models", {model, ""}}}, "params.models[1]"},
        {"cancel", json::object(), "params.target"},
        {"cancel", {{"target", 0}}, "params.target"},
    };
    for (const auto& c : cases) expectError(engine.call(c.verb, c.params), "bad-request", c.named);
}

TEST_F(Engine, LinesThatAreNoRequests) {
    std::string deep(200000, '[');
    const struct {
        std::string line;
        const char* says;
    } cases[] = {
        {"hello", "JSON"},
        {"{\"id\":1", "JSON"},
        {"{\"id\":1}}", "JSON"},
        {"{\"id\":\"\xC3\x28\"}", "UTF-8"},
        {"\xFF\xFE", "UTF-8"},
        {deep, "nested"},
        {"{\"id\":1,\"params\":" + std::string(50, '[') + std::string(50, ']') + "}", "nested"},
        {"{\"id\":1,\"verb\":\"devices\",\"params\":{\"x\":1e99999}}", "JSON"},
        {"[]", "request"},
        {"null", "request"},
        {"7", "request"},
        {"{}", "request.id"},
        {"{\"id\":0,\"verb\":\"devices\"}", "request.id"},
        {"{\"id\":-3,\"verb\":\"devices\"}", "request.id"},
        {"{\"id\":1.5,\"verb\":\"devices\"}", "request.id"},
        {"{\"id\":\"1\",\"verb\":\"devices\"}", "request.id"},
        {"{\"id\":99999999999999999999,\"verb\":\"devices\"}", "request.id"},
        {std::string("{\"id\":1,\"verb\":\"devices\"}\0", 26), "zero character"},
    };
    for (const auto& c : cases) {
        engine.sendLine(c.line);
        const json answer = engine.next();
        EXPECT_TRUE(answer["id"].is_null()) << c.line.substr(0, 60) << " -> " << answer;
        expectError(answer, "bad-request", c.says);
    }
    // With a sound id the answer carries it.
    engine.sendLine("{\"id\":71,\"verb\":\"explode\"}");
    expectError(engine.end(71), "bad-request", "verb");
    engine.sendLine("{\"id\":72}");
    expectError(engine.end(72), "bad-request", "request.verb");
    engine.sendLine("{\"id\":73,\"verb\":\"devices\",\"params\":[]}");
    expectError(engine.end(73), "bad-request", "request.params");
    engine.sendLine("{\"id\":74,\"verb\":\"devices\",\"extra\":1}");
    expectError(engine.end(74), "bad-request", "request.extra");
    engine.sendLine("{\"id\":75,\"verb\":\"devices\",\"params\":null}\r");
    EXPECT_TRUE(engine.end(75).contains("result"));
    engine.sendLine("\n   \n"); // empty lines are nothing
    EXPECT_TRUE(engine.call("devices").contains("result"));
}

TEST_F(Engine, ALineThatIsTooLongIsSkipped) {
    const std::string piece(1 << 20, 'x');
    for (int i = 0; i < 17; ++i) engine.process().write(piece);
    engine.sendLine("");
    const json answer = engine.next();
    EXPECT_TRUE(answer["id"].is_null());
    expectError(answer, "bad-request", "too long");
    EXPECT_TRUE(engine.call("devices").contains("result"));
}

TEST_F(Engine, AnIdInUseIsRefusedWithoutEndingTheFirst) {
    load();
    const json chat = {{"messages", say("Hello")}, {"maxTokens", 400}, {"allowChatMl", true}};
    engine.sendLine(json{{"id", 500}, {"verb", "chat"}, {"params", chat}}.dump());
    engine.sendLine(json{{"id", 500}, {"verb", "unload"}}.dump());
    expectError(engine.end(nullptr), "bad-request", "500");
    EXPECT_TRUE(engine.end(500).contains("result"));
    engine.sendLine(json{{"id", 500}, {"verb", "devices"}}.dump()); // free again
    EXPECT_TRUE(engine.end(500).contains("result"));
}

TEST_F(Engine, QuickVerbsAreAnsweredBesideAJob) {
    const int64_t job = engine.send(
        "compare", {{"original", model}, {"smaller", model}, {"chunks", 17}, {"chunkTokens", 512}, {"speed", true}});
    const int64_t quick = engine.send("recipes");
    bool jobEnded = false;
    for (;;) {
        const json message = engine.next();
        ASSERT_FALSE(message.is_null());
        if (message["id"] == job && !message.contains("event")) jobEnded = true;
        if (message["id"] == quick) break;
    }
    EXPECT_FALSE(jobEnded);
    engine.send("cancel", {{"target", job}});
    expectError(engine.end(job), "canceled", "");
}

TEST_F(Engine, APausedJobStandsStillAndGoesOn) {
    const json request{{"original", model}, {"smaller", model}, {"chunks", 17}, {"chunkTokens", 512}};
    int64_t job = engine.send("compare", request);
    ASSERT_TRUE(engine.next().contains("event")) << "it runs";
    const int64_t pause = engine.send("pause");
    for (json message; (message = engine.next())["id"] != pause;) ASSERT_FALSE(message.is_null());
    std::this_thread::sleep_for(std::chrono::milliseconds(100)); // the work that was under way
    const int64_t quick = engine.send("recipes");
    for (json message; (message = engine.next())["id"] != quick;) ASSERT_TRUE(message.contains("event")) << message;
    EXPECT_TRUE(engine.next(0.6).is_null()) << "nothing is done";
    engine.call("pause", {{"on", false}});
    EXPECT_GT(engine.end(job)["result"]["tokensScored"], 0);

    engine.call("pause");
    job = engine.send("compare", request);
    EXPECT_EQ(engine.call("cancel", {{"target", job}})["result"]["found"], true);
    expectError(engine.end(job), "canceled", "");
    job = engine.send("compare", request);
    engine.process().closeInput();
    std::string out, err;
    EXPECT_EQ(engine.process().finish(out, err), 0) << "it ends with its input, paused or not";
}

TEST_F(Engine, CancelledChatKeepsWhatWasWritten) {
    load();
    const json chat = {
        {"messages", say("Hello")}, {"maxTokens", 0}, {"allowChatMl", true}, {"sampling", {{"temperature", 1}}}};
    // An answer by chance may have ended by itself before it hears of it: then another one is asked for.
    std::string finish;
    for (int attempt = 0; attempt < 20 && finish != "stopped"; ++attempt) {
        const int64_t id = engine.send("chat", chat), waiting = engine.send("chat", chat);
        bool asked = false;
        const json answer = engine.end(id, [&](const json&) {
            if (asked) return;
            asked = true;
            engine.send("cancel", {{"target", waiting}});
            engine.send("cancel", {{"target", id}});
        });
        ASSERT_TRUE(answer.contains("result")) << answer;
        finish = answer["result"]["finish"].get<std::string>();
        EXPECT_EQ(answer["result"]["text"], textOf(engine.events));
        const json other = engine.end(waiting);
        if (!asked) continue; // it had nothing to say
        const json foundWaiting = engine.end(waiting + 1), found = engine.end(waiting + 2);
        if (finish != "stopped") continue;
        expectError(other, "canceled", "");
        EXPECT_EQ(foundWaiting["result"]["found"], true);
        EXPECT_EQ(found["result"]["found"], true);
    }
    EXPECT_EQ(finish, "stopped");
    EXPECT_EQ(engine.call("cancel", {{"target", 99999}})["result"]["found"], false);
}

TEST_F(Engine, CancelledQuantizeLeavesNothing) {
    cancelWhileItWaits("quantize", {{"source", model}, {"output", (folder / "small.gguf").string()}});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(Engine, EndsWithItsInputAndStopsItsWork) {
    load();
    engine.send("chat", {{"messages", say("Hello")}, {"maxTokens", 0}, {"allowChatMl", true}});
    const int64_t late = engine.send("compare", {{"original", model}, {"smaller", model}});
    engine.send("recipes");
    std::string out, err;
    EXPECT_EQ(engine.process().finish(out, err), 0);
    EXPECT_NE(out.find("\"recipes\":["), std::string::npos) << "a quick answer that was due is missing";
    EXPECT_NE(out.find("{\"error\":{\"detail\":\"\",\"kind\":\"canceled\""), std::string::npos) << out;
    EXPECT_NE(out.find("\"id\":" + std::to_string(late)), std::string::npos);
}

/// A job whose client goes away is offered again and goes on; one that is canceled leaves nothing.
TEST_F(Engine, UnfinishedJobsAreListedContinuedAndDiscarded) {
    const std::string output = (folder / "small.gguf").string(), source = (folder / "large.gguf").string();
    test::writeModel(test::makeModel({.layers = 6, .width = 768, .feedForward = 2048}), source);
    const json job = {{"source", source}, {"output", output}, {"recipe", "Q4_K_M"}, {"threads", 1}};
    const auto list = [&] { return engine.call("unfinished", {{"folder", folder.path().string()}})["result"]["jobs"]; };
    const auto leaveOne = [&] {
        EngineClient victim;
        victim.send("quantize", job);
        while (const auto line = victim.process().line()) {
            const json event = json::parse(*line);
            if (event.value("event", "") == "progress" && event["data"]["fraction"] > 0.3) break;
        }
        EXPECT_TRUE(list().empty()) << "it runs";
        expectError(engine.call("quantize", job), "bad-request", "Another job is writing this file");
        std::string out, err;
        victim.process().finish(out, err); // ends its input
        EXPECT_NE(out.find("\"canceled\""), std::string::npos) << out;
    };
    leaveOne();
    json jobs = list();
    ASSERT_EQ(jobs.size(), 1u);
    expectKeys(jobs[0], {"output", "source", "recipe", "size", "sizeOf", "formatsOf", "finerLayers", "plain", "care",
                         "sampleText", "tensors", "finishedTensors"});
    EXPECT_EQ(jobs[0]["output"], output);
    EXPECT_EQ(jobs[0]["source"], source);
    EXPECT_EQ(jobs[0]["care"], "quick");
    EXPECT_EQ(jobs[0]["plain"], true);
    EXPECT_GT(jobs[0]["finishedTensors"], 0);
    json plan = {{"source", source}, {"output", output}, {"recipe", "Q4_K_M"}};
    EXPECT_EQ(engine.call("plan", plan)["result"]["finishedTensors"], jobs[0]["finishedTensors"]);
    plan["recipe"] = "Q4_0";
    EXPECT_EQ(engine.call("plan", plan)["result"]["finishedTensors"], 0) << "another job";
    EXPECT_EQ(engine.call("quantize", job)["result"]["continuedAt"], jobs[0]["finishedTensors"]);
    EXPECT_TRUE(list().empty());

    std::filesystem::remove(output);
    leaveOne();
    EXPECT_TRUE(engine.call("discard", {{"output", output}}).contains("result"));
    EXPECT_TRUE(list().empty());
    EXPECT_FALSE(std::filesystem::exists(folder / ".small.gguf.unfinished"));
    expectError(engine.call("discard", {{"output", output}}), "not-found", "small.gguf");
}

TEST_F(Engine, SurvivesAReaderThatIsGone) {
    load();
    engine.process().closeOutput();
    engine.send("chat", {{"messages", say("Hello")}, {"maxTokens", 0}, {"allowChatMl", true}});
    engine.send("devices");
    engine.process().closeInput();
    EXPECT_EQ(engine.process().wait(), 0);
}

TEST_F(Engine, KilledWhileWritingLeavesNoFile) {
    for (int delay : {0, 2, 5, 10, 20}) {
        EngineClient victim;
        victim.send("quantize", {{"source", model}, {"output", (folder / "small.gguf").string()}, {"overwrite", true}});
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
        victim.process().signal(SIGKILL);
        EXPECT_EQ(victim.process().wait(), 128 + SIGKILL);
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            EXPECT_TRUE(entry.path().filename() == "small.gguf" ||
                        entry.path().filename() == ".small.gguf.unfinished") // to be continued
                << entry.path() << " is a leftover";
    }
}
