// Whatever is drawn by a schema is JSON and follows it: random text of a vocabulary whose tokens cut characters apart.
#include "reads_schema.h"

#include <chrono>
#include <cmath>
#include <files/gguf.h>
#include <functional>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <text/sampler.h>
#include <text/token_constraint.h>

namespace nibble {
namespace {

using nlohmann::json;
using test::reads;

std::size_t characters(const std::string& text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
}

/// A validator of the keywords that Nibble follows, written for these tests alone.
bool follows(const json& root, const json& schema, const json& value) {
    if (schema.is_boolean()) return schema.get<bool>();
    if (const auto ref = schema.find("$ref"); ref != schema.end()) {
        const std::string pointer = ref->get<std::string>().substr(1);
        if (!follows(root, root.at(json::json_pointer(pointer)), value)) return false;
    }
    const auto fitting = [&](const char* keyword) {
        const json list = schema.value(keyword, json::array());
        return std::count_if(list.begin(), list.end(), [&](const json& s) { return follows(root, s, value); });
    };
    if (schema.contains("anyOf") && fitting("anyOf") == 0) return false;
    if (schema.contains("oneOf") && fitting("oneOf") != 1) return false;
    if (schema.contains("allOf") && std::size_t(fitting("allOf")) != schema["allOf"].size()) return false;
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
        return false;
    if (schema.contains("const") && value != schema["const"]) return false;
    if (schema.contains("type")) {
        const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
        const std::string is = value.is_number() ? "number" : value.is_boolean() ? "boolean" : value.type_name();
        if (!std::any_of(types.begin(), types.end(), [&](const json& t) {
                return t == is || (t == "integer" && value.is_number() && value == std::floor(value.get<double>()));
            }))
            return false;
    }
    if (value.is_string()) {
        const auto text = value.get<std::string>();
        if (schema.contains("pattern") && !std::regex_search(text, std::regex(schema["pattern"].get<std::string>())))
            return false;
        const std::size_t n = characters(text);
        return n >= schema.value("minLength", 0u) && n <= schema.value("maxLength", 1u << 30);
    }
    if (value.is_number()) {
        const auto x = value.get<double>();
        if (x < schema.value("minimum", -1e300) || x > schema.value("maximum", 1e300)) return false;
        if (x <= schema.value("exclusiveMinimum", -1e300) || x >= schema.value("exclusiveMaximum", 1e300)) return false;
        const double multiple = x / schema.value("multipleOf", 1.0);
        if (schema.contains("multipleOf") && std::abs(multiple - std::round(multiple)) > 1e-9) return false;
    }
    if (value.is_array()) {
        if (value.size() < schema.value("minItems", 0u) || value.size() > schema.value("maxItems", 1u << 30))
            return false;
        return std::all_of(value.begin(), value.end(),
                           [&](const json& item) { return follows(root, schema.value("items", json(true)), item); });
    }
    if (value.is_object()) {
        for (const json& name : schema.value("required", json::array()))
            if (!value.contains(name.get<std::string>())) return false;
        for (const auto& [name, item] : value.items()) {
            const json properties = schema.value("properties", json::object());
            if (!follows(root,
                         properties.contains(name) ? properties[name]
                                                   : schema.value("additionalProperties", json(true)),
                         item))
                return false;
        }
    }
    return true;
}

constexpr const char* kPerson = R"({
  "type": "object", "title": "A person", "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 12},
    "age": {"type": "integer"},
    "größe": {"type": ["number", "null"]},
    "married": {"type": "boolean"},
    "role": {"enum": ["chef", "Köchin \"x\"", 7, null, {"a": [1]}]},
    "kind": {"const": "person"},
    "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "minItems": 1, "maxItems": 3},
    "address": {"anyOf": [{"$ref": "#/$defs/address"}, {"type": "null"}]}
  },
  "required": ["name", "age", "tags", "kind", "address"],
  "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string", "maxLength": 9},
                                                         "next": {"$ref": "#/$defs/address"}}}}
})";
constexpr const char* kOrder = R"({
  "type": "object", "required": ["id", "pieces", "share", "part", "payment"],
  "properties": {
    "id": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,5}$"},
    "pieces": {"type": "integer", "minimum": 1, "maximum": 250, "multipleOf": 5},
    "share": {"type": "number", "exclusiveMinimum": -1.5, "maximum": 2},
    "part": {"allOf": [{"$ref": "#/$defs/part"}, {"properties": {"size": {"maximum": 40}}, "required": ["size"]}]},
    "payment": {"oneOf": [{"type": "object", "properties": {"kind": {"const": "cash"}}, "required": ["kind"]},
                          {"type": "object", "properties": {"kind": {"const": "card"}, "month": {"type": "integer",
                           "minimum": 1, "maximum": 12}}, "required": ["kind", "month"]}, {"type": "null"}]}
  },
  "$defs": {"part": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 10},
                                                       "name": {"type": "string", "pattern": "[a-z]\\d$"}}}}
})";
constexpr const char* kTree = R"({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["v", "c"],
  "properties": {"v": {"type": "number"}, "c": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}})";
constexpr const char* kMap = R"({"type": "object", "additionalProperties": {"type": "integer"}})";

class DrawnBySchema : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const auto path = test::goldenDir("tokenizers/ggml-vocab-smollm2.gguf");
        ASSERT_FALSE(path.empty());
        tokenizer = tokenizerFromGguf(GgufFile(path).metadata());
        end = tokenizer->findToken("<|im_end|>");
        ASSERT_GE(end, 0);
    }
    std::unique_ptr<Tokenizer> tokenizer;
    int32_t end = -1;
};

TEST_P(DrawnBySchema, IsJsonThatFollowsIt) {
    const json schema = json::parse(GetParam());
    GgufMetadata m = GgufFile(test::goldenDir("tokenizers/ggml-vocab-smollm2.gguf")).metadata();
    m.set("tokenizer.ggml.eos_token_id", uint32_t(end));
    tokenizer = tokenizerFromGguf(m);
    const TokenTrie trie(*tokenizer, tokenizer->vocabSize());
    const auto grammar = grammarOfJsonSchema(GetParam());
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0, 3); // as undecided as a model at a high temperature
    const auto vocab = std::size_t(tokenizer->vocabSize());
    std::vector<float> noise(2 * vocab);
    for (float& x : noise) x = normal(random);
    // Tokens that begin or end inside a character are likelier.
    const auto cuts = [&](int32_t id) {
        const std::string bytes = tokenizer->tokenBytes(id);
        return !bytes.empty() && (uint8_t(bytes.back()) >= 0xC2 || (uint8_t(bytes[0]) & 0xC0) == 0x80);
    };
    std::vector<float> bias(vocab, 0);
    for (std::size_t id = 0; id < vocab; ++id) bias[id] = cuts(int32_t(id)) ? 12.0f : 0.0f;
    std::size_t finished = 0, cut = 0;
    double seconds = 0, slowest = 0;
    std::size_t steps = 0;
    for (int run = 0; run < 10; ++run) {
        Sampling settings;
        settings.temperature = 3;
        settings.topK = run % 2 ? 0 : 1000;
        settings.topP = 1;
        settings.minP = 0;
        settings.seed = uint64_t(run) + 1;
        Sampler sampler(settings, tokenizer->vocabSize());
        TokenConstraint constraint(grammar, trie, *tokenizer);
        StreamDecoder decoder(*tokenizer);
        std::string text;
        bool ended = false;
        for (int i = 0; i < 200 && !ended; ++i) {
            const auto from = noise.begin() + std::ptrdiff_t(random() % vocab);
            std::vector<float> logits(from, from + std::ptrdiff_t(vocab));
            for (std::size_t id = 0; id < vocab; ++id) logits[id] += bias[id];
            // The longer it gets the more likely is what closes.
            for (const char* closing : {"\"", "}", "]", "null", "\"}", "]}"})
                if (const int32_t id = tokenizer->findToken(closing); id >= 0) logits[std::size_t(id)] = float(i) / 2;
            logits[std::size_t(end)] = float(i) / 2;
            const auto start = std::chrono::steady_clock::now();
            const std::span<const float> masked = constraint.masked(logits);
            const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            seconds += took;
            slowest = std::max(slowest, took);
            ++steps;
            const int32_t token = sampler.sample(masked, {});
            ended = token == end;
            if (ended) break;
            constraint.accept(token);
            cut += cuts(token);
            text += decoder.push(token);
            ended = constraint.isComplete();
        }
        text += decoder.flush();
        if (!ended) continue; // cut off, as --max-tokens does
        ++finished;
        ASSERT_TRUE(json::accept(text)) << text;
        EXPECT_TRUE(follows(schema, schema, json::parse(text))) << text;
        if (run == 0) std::printf("%s\n", text.c_str());
    }
    std::printf("%zu of 10 whole, %zu tokens cut a character, %.2f ms a token for the mask, at most %.1f ms\n",
                finished, cut, seconds / double(steps) * 1e3, slowest * 1e3);
    EXPECT_GE(finished, 8u);
    if (std::string_view(GetParam()).find("Length") != std::string_view::npos) {
        EXPECT_GT(cut, 20u);
    }
}

INSTANTIATE_TEST_SUITE_P(Schemas, DrawnBySchema,
                         testing::Values(kPerson, kTree, kMap, "true",
                                         R"({"type": "string", "minLength": 20, "maxLength": 60})",
                                         R"({"type": "array", "items": {"type": "number"}, "minItems": 4})",
                                         R"({"enum": ["yes", "no", "yesterday"]})", kOrder));

TEST(JsonSchema, ReadsWhatFollowsItAndNothingElse) {
    EXPECT_TRUE(reads(kPerson, R"({"name":"Zoë","age":-3,"tags":["a"],"kind":"person","address":null})") ==
                false); // order
    EXPECT_TRUE(reads(kPerson, R"({"name":"Zoë","age":-3,"kind":"person","tags":["a"],"address":null})"));
    EXPECT_TRUE(reads(kPerson, "{\n  \"name\": \"\\ud83d\\ude42\", \"age\": 0, \"role\": {\"a\":[1]}, \"kind\": "
                               "\"person\", \"tags\": [\"a\", \"b\"], \"address\": {\"street\": \"x\"}\n}"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"","age":1,"kind":"person","tags":["a"],"address":null})"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1.5,"kind":"person","tags":["a"],"address":null})"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1,"kind":"person","tags":[],"address":null})"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1,"kind":"person","tags":["a","b","c","d"],"address":null})"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1,"kind":"person","tags":["a"],"address":null,"more":1})"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1})"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1,"kind":"person","tags":["a"],"address":null)"));
    EXPECT_FALSE(reads(kPerson, R"({"name":"a","age":1,"kind":"person","tags":["a"],"address":null}})"));
    for (const char* text : {R"("")", R"("\u00e9")", R"("a\"\\\/\b\n")", "\"\xF0\x9F\x99\x82\"", R"("\ud83d\ude42")"})
        EXPECT_TRUE(reads(R"({"type":"string"})", text)) << text;
    for (const char* text : {"\"", "\"\n\"", R"("\x")", R"("\ud83d")", R"("\ude42")", "\"\xC0\x80\"",
                             "\"\xED\xA0\x80\"", "\"\xFF\"", "\"\xF0\x9F\x99\""})
        EXPECT_FALSE(reads(R"({"type":"string"})", text)) << text;
    for (const char* text : {"0", "-0.5", "12", "1e5", "1.25E-07", "-9", "123456789012345"})
        EXPECT_TRUE(reads(R"({"type":"number"})", text)) << text;
    for (const char* text : {"01", "+1", ".5", "1.", "1e", "--1", "0x1", "NaN", "1234567890123456"})
        EXPECT_FALSE(reads(R"({"type":"number"})", text)) << text;
    EXPECT_FALSE(reads(R"({"type":"integer"})", "1.0"));
    EXPECT_TRUE(reads("true", R"({"a":[{"b":null},"c",[]],"d":{}})"));
    EXPECT_TRUE(reads(R"({"type":"object","additionalProperties":false})", "{}"));
    EXPECT_FALSE(reads(R"({"type":"object","additionalProperties":false})", R"({"a":1})"));
    EXPECT_TRUE(reads(R"({"type":"array","maxItems":0})", "[]"));
    EXPECT_TRUE(reads(R"({"enum":["a","b"]})", "\"b\""));
    EXPECT_TRUE(reads(R"({"type":"string","enum":["a",1]})", "\"a\""));
    EXPECT_FALSE(reads(R"({"type":"string","enum":["a",1]})", "1"));
}

TEST(JsonSchema, NestingHasAnEndThatCanBeReached) {
    Automaton automaton(grammarOfJsonSchema(kTree));
    Automaton::State state = automaton.start();
    int levels = 0;
    const std::string begin = R"({"v":1,"c":[)";
    for (;; ++levels) {
        Automaton::State next = state;
        for (const char c : begin)
            if (next != Automaton::kDead) next = automaton.step(next, uint8_t(c));
        if (next == Automaton::kDead) break;
        state = next;
    }
    EXPECT_EQ(levels, Grammar::kMaxNesting / 2);
    for (; levels > 0; --levels)
        for (const char c : {']', '}'}) ASSERT_NE(state = automaton.step(state, uint8_t(c)), Automaton::kDead);
    EXPECT_TRUE(automaton.isComplete(state));
}

TEST(Automaton, CompactGoesOnWhereItWas) {
    Automaton automaton(grammarOfJsonSchema(kPerson));
    const std::string text = R"({"name":"Zoë","age":-3,"kind":"person","tags":["a"],"address":{"street":"x"}})";
    Automaton::State state = automaton.start();
    for (const char c : text) {
        state = automaton.compact(automaton.step(state, uint8_t(c)));
        ASSERT_NE(state, Automaton::kDead);
        EXPECT_LT(automaton.held(), 500u);
    }
    EXPECT_TRUE(automaton.isComplete(state));
}

TEST(JsonSchema, WhatItCannotPromiseIsRefusedByName) {
    const auto refusal = [](const std::string& schema) {
        try {
            grammarOfJsonSchema(schema);
        } catch (const Error& e) {
            EXPECT_TRUE(e.kind == ErrorKind::Unsupported || e.kind == ErrorKind::BadRequest);
            return e.message + " " + e.detail;
        }
        return std::string("accepted");
    };
    for (const char* keyword :
         {"pattern", "format", "minimum", "multipleOf", "oneOf", "allOf", "not", "patternProperties", "uniqueItems",
          "prefixItems", "if", "minProperties", "dependentRequired", "exclusiveMaximum"}) {
        const std::string said =
            refusal(R"({"type":"object","properties":{"x":{"type":"string",")" + std::string(keyword) + R"(":1}}})");
        EXPECT_NE(said.find(keyword), std::string::npos) << said;
        EXPECT_NE(said.find("/properties/x"), std::string::npos) << said;
    }
    const std::pair<std::string, const char*> cases[] = {
        {"{", "not JSON"},
        {R"({"type":"text"})", "text"},
        {R"({"type":["string","martian"]})", "martian"},
        {R"({"type":[]})", "type"},
        {R"({"type":"string","minLength":5,"maxLength":4})", "minLength"},
        {R"({"type":"string","minLength":-1})", "minLength"},
        {R"({"type":"string","minLength":20000})", "minLength"},
        {R"({"type":"string","minItems":1})", "minItems"},
        {R"({"enum":[]})", "enum"},
        {R"({"type":"null","enum":[1]})", "type"},
        {R"({"enum":[1],"minLength":1})", "minLength"},
        {R"({"anyOf":[]})", "anyOf"},
        {R"({"anyOf":[{"type":"null"}],"type":"string"})", "anyOf"},
        {R"({"type":"object","properties":{"a":true},"required":["b"]})", "\"b\""},
        {R"({"type":"object","properties":[]})", "properties"},
        {R"({"type":"array","items":[true]})", "items"},
        {R"({"$ref":"http://x/y"})", "$ref"},
        {R"({"$ref":"#/$defs/missing"})", "missing"},
        {R"({"$ref":"#"})", "itself"},
        {R"({"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"}]}}})", "itself"},
        {R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})", "itself"},
        {"false", "object"},
    };
    for (const auto& [schema, word] : cases) {
        const std::string said = refusal(schema);
        EXPECT_NE(said.find(word), std::string::npos) << schema << ": " << said;
    }
}

TEST(JsonSchema, TooManyWaysAreRefusedInTime) {
    // Hundreds of strings that differ in the length they may have, and each letter makes another state of all of them.
    std::string schema = R"({"anyOf":[)";
    for (int i = 0; i < 1000; ++i)
        schema += std::string(i ? "," : "") + R"({"type":"string","maxLength":)" + std::to_string(9000 + i) + "}";
    schema += "]}";
    Automaton automaton(grammarOfJsonSchema(schema));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(
        {
            Automaton::State state = automaton.step(automaton.start(), '"');
            for (int i = 0; i < 9000; ++i) state = automaton.step(state, 'a');
        },
        Error);
    EXPECT_LE(automaton.held(), Automaton::kMostHeld + 1'000'000);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 60);
}

TEST(JsonSchema, HostileOnesEndSoon) {
    const auto start = std::chrono::steady_clock::now();
    std::string deep = "true";
    for (int i = 0; i < 40; ++i) deep = R"({"type":"array","items":)" + deep + "}";
    std::string wide = R"({"type":"object","properties":{)";
    for (int i = 0; i < 256; ++i) wide += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":true";
    wide += "}}";
    std::string many = R"({"type":"array","items":{"type":"object","properties":{)";
    for (int i = 0; i < 5000; ++i) many += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":true";
    many += "}}}";
    std::string choices = R"({"type":"string"})";
    for (int i = 0; i < 20; ++i) choices = R"({"anyOf":[)" + choices + "," + choices + "]}";
    for (const std::string& schema : {deep, wide, many, choices, std::string(2 << 20, ' '), std::string(100000, '[')}) {
        try {
            Automaton automaton(grammarOfJsonSchema(schema));
            Automaton::State state = automaton.start();
            for (const char c : std::string("{\"p9\":[1,{\"p200\":\"\\u00"))
                if (state != Automaton::kDead) state = automaton.step(state, uint8_t(c));
        } catch (const Error& e) {
            EXPECT_FALSE(e.message.empty());
        }
    }
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 10);
}

} // namespace
} // namespace nibble
