// Keywords of JSON schemas that narrow strings and numbers, and those that join schemas.
#include "reads_schema.h"

#include <base/text.h>
#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nlohmann/json.hpp>

namespace nibble {
namespace {

using test::reads;

/// The refusal, or "accepted".
std::string refusal(const std::string& schema) {
    try {
        grammarOfJsonSchema(schema);
    } catch (const Error& e) {
        EXPECT_TRUE(e.kind == ErrorKind::Unsupported || e.kind == ErrorKind::BadRequest);
        return e.message + " " + e.detail;
    }
    return "accepted";
}

bool readsString(const std::string& keywords, const std::string& text) {
    return reads(R"({"type":"string",)" + keywords + "}", nlohmann::json(text).dump());
}

TEST(SchemaPattern, ReadsWhatTheExpressionDoes) {
    struct Case {
        const char* pattern;
        std::vector<std::string> yes, no;
    };
    const Case cases[] = {
        {"^a$", {"a"}, {"", "b", "aa"}},
        {"b", {"b", "abc", "ßbß", "b\"\n"}, {"", "ac"}},
        {"^a|b$", {"a", "ax", "xb"}, {"xa", "bx"}},
        {"^(a|bc)+$", {"a", "bca", "aabc"}, {"", "ab", "c"}},
        {"^[a-cx]{2,3}$", {"ab", "xxc"}, {"a", "abcd", "ad"}},
        {"^[^a-c]$", {"d", "ß", "\"", "\\", "\n", "🙂"}, {"a", "b", "", "dd"}},
        {"^[ä-ü]{1,}$", {"ä", "öü"}, {"a", "ß", "āa"}},
        {"^\\d+\\.\\d{2}$", {"3.14", "10.00"}, {"3,14", "3.1", ".14"}},
        {"^\\w\\W\\s\\S$", {"a- b"}, {"aa b", "a-bb"}},
        {"^.$", {"x", "€", "\xF0\x9F\x99\x82"}, {"\n", "", "xy"}},
        {"^\\u20ac\\x41\\/[\\]\\\\-]?$", {"€A/", "€A/]", "€A/\\", "€A/-"}, {"€A", "€A/a"}},
        {"^(?:ab){2}c*?$", {"abab", "ababcc"}, {"ab", "ababab"}},
        {"^(a?)*$", {"", "a", "aaaa"}, {"b"}},
        {"^[\xE0\xA0\x80-\xF0\x90\x80\x80]$",
         {"\xE0\xA0\x80", "\xEE\x80\x80", "\xF0\x90\x80\x80"},
         {"\xDF\xBF", "\xF0\x90\x80\x81"}},
    };
    for (const Case& c : cases) {
        const std::string keyword = "\"pattern\":" + nlohmann::json(c.pattern).dump();
        for (const std::string& text : c.yes) EXPECT_TRUE(readsString(keyword, text)) << c.pattern << " " << text;
        for (const std::string& text : c.no) EXPECT_FALSE(readsString(keyword, text)) << c.pattern << " " << text;
    }
}

TEST(SchemaPattern, KeepsLengthsThatItsOneRepetitionCanHave) {
    EXPECT_TRUE(readsString(R"("pattern":"^x[a-z]+$","minLength":3,"maxLength":4)", "xab"));
    EXPECT_FALSE(readsString(R"("pattern":"^x[a-z]+$","minLength":3,"maxLength":4)", "xa"));
    EXPECT_FALSE(readsString(R"("pattern":"^x[a-z]+$","minLength":3,"maxLength":4)", "xabcd"));
    EXPECT_TRUE(readsString(R"("pattern":"^(a|b{2})$","maxLength":2)", "bb")) << "it keeps them anyway";
    EXPECT_NE(refusal(R"({"type":"string","pattern":"^a+b+$","maxLength":4})").find("maxLength"), std::string::npos);
    EXPECT_NE(refusal(R"({"type":"string","pattern":"^abc$","maxLength":2})").find("maxLength"), std::string::npos);
    EXPECT_NE(refusal(R"({"format":"uuid","maxLength":2})").find("format"), std::string::npos);
}

TEST(SchemaPattern, RefusesWhatItCannotPromise) {
    for (const char* pattern : {"(?=a)", "(?<n>a)", "\\1", "\\bx", "\\p{L}", "a{2,1}", "a{99999}", "(a", "a)", "[a",
                                "*a", "a^b", "a$b", "(^a)", "[b-a]", "[\\d-z]", "\\", "\\u12", "[]"}) {
        const std::string said = refusal(R"({"pattern":)" + nlohmann::json(pattern).dump() + "}");
        EXPECT_NE(said.find("pattern"), std::string::npos) << pattern << ": " << said;
    }
    EXPECT_NE(refusal(R"({"type":"string","pattern":1})").find("pattern"), std::string::npos);
    EXPECT_NE(refusal(R"({"pattern":"a","format":"date"})").find("format"), std::string::npos);
}

TEST(SchemaPattern, HostileOnesEndSoon) {
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& pattern : {std::string(4000, '('), std::string("^((((a{1,9999}){1,9999}){1,9999})*)*$"),
                                       "^" + std::string(1000, '[') + "$", std::string("^(a|a|aa|(a*)*b?)*$")})
        try {
            Automaton automaton(grammarOfJsonSchema(R"({"pattern":)" + nlohmann::json(pattern).dump() + "}"));
            Automaton::State state = automaton.step(automaton.start(), '"');
            for (int i = 0; i < 200 && state != Automaton::kDead; ++i) state = automaton.step(state, 'a');
        } catch (const Error& e) {
            EXPECT_FALSE(e.message.empty());
        }
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 5);
}

TEST(SchemaFormat, ReadsThoseThatItKnows) {
    struct Case {
        const char* format;
        std::vector<std::string> yes, no;
    };
    const Case cases[] = {
        {"date",
         {"2026-11-28", "2024-02-29", "2000-02-29"},
         {"2026-02-29", "1900-02-29", "2026-13-01", "2026-04-31", "26-1-1"}},
        {"time", {"23:59:59Z", "00:00:00.5+01:00"}, {"24:00:00Z", "12:00:00", "12:60:00Z"}},
        {"date-time", {"2026-11-28T06:28:09Z"}, {"2026-11-28 06:28:09Z", "2026-11-28"}},
        {"email", {"a.b@nibble.example", "x+y@a-b.de"}, {"a@b", "a b@c.de", "@c.de", "a@-c.de", "a..b@c.de"}},
        {"uuid", {"123e4567-e89b-12d3-a456-426614174000"}, {"123e4567e89b12d3a456426614174000"}},
        {"ipv4", {"0.0.0.0", "255.10.99.1"}, {"256.1.1.1", "1.1.1", "01.1.1.1"}},
    };
    for (const Case& c : cases) {
        const std::string keyword = std::string("\"format\":\"") + c.format + "\"";
        for (const std::string& text : c.yes) EXPECT_TRUE(readsString(keyword, text)) << c.format << " " << text;
        for (const std::string& text : c.no) EXPECT_FALSE(readsString(keyword, text)) << c.format << " " << text;
    }
    EXPECT_NE(refusal(R"({"type":"string","format":"idn-email"})").find("format: idn-email"), std::string::npos);
}

/// Every number of a grid is read exactly where the bounds allow it.
TEST(SchemaNumber, KeepsItsBounds) {
    for (const auto& [low, high] : {std::pair(0, 0), {1, 12}, {-7, 350}, {-120, -9}, {99, 1001}, {-1, 1}}) {
        const std::string bounds = format(R"("minimum":%d,"maximum":%d})", low, high);
        test::SchemaReader integers(R"({"type":"integer",)" + bounds), numbers(R"({"type":"number",)" + bounds);
        for (int n = -1100; n <= 1100; ++n) {
            const std::string text = std::to_string(n);
            EXPECT_EQ(integers(text), n >= low && n <= high) << bounds << text;
            EXPECT_EQ(numbers(text), n >= low && n <= high) << bounds << text;
            const std::string tenths = format("%s%d.%d", n < 0 ? "-" : "", std::abs(n) / 10, std::abs(n) % 10);
            EXPECT_EQ(numbers(tenths), n >= 10 * low && n <= 10 * high) << bounds << tenths;
        }
    }
    const std::string open = R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})";
    for (const char* text : {"0.5", "0.0001", "0.9999", "0.50"}) EXPECT_TRUE(reads(open, text)) << text;
    for (const char* text : {"0", "0.0", "1", "1.0", "00.5", ".5", "0.", "-0.5", "5e-1"})
        EXPECT_FALSE(reads(open, text)) << text;
    EXPECT_TRUE(reads(R"({"type":"number","minimum":0.25,"maximum":0.75})", "0.25"));
    EXPECT_FALSE(reads(R"({"type":"number","minimum":0.25,"maximum":0.75})", "0.2499"));
    EXPECT_TRUE(reads(R"({"type":"integer","exclusiveMinimum":2.5})", "3"));
    EXPECT_FALSE(reads(R"({"type":"integer","exclusiveMinimum":3})", "3"));
    EXPECT_TRUE(reads(R"({"minimum":3})", "3.25")) << "without a type: of numbers";
    EXPECT_TRUE(reads(R"({"type":["integer","null"],"minimum":3})", "null"));
}

TEST(SchemaNumber, KeepsMultiples) {
    for (const int multiple : {1, 2, 7, 25, 365}) {
        test::SchemaReader read(format(R"({"type":"integer","multipleOf":%d,"minimum":-730,"maximum":765})", multiple));
        for (int n = -800; n <= 800; ++n)
            EXPECT_EQ(read(std::to_string(n)), n % multiple == 0 && n >= -730 && n <= 765) << multiple << " " << n;
    }
    const std::string cents = R"({"type":"number","multipleOf":0.01,"minimum":0})";
    EXPECT_TRUE(reads(cents, "12.34") && reads(cents, "12.3") && reads(cents, "12"));
    EXPECT_FALSE(reads(cents, "12.345"));
    EXPECT_TRUE(reads(R"({"type":"number","multipleOf":0.25})", "1.75"));
    EXPECT_FALSE(reads(R"({"type":"number","multipleOf":0.25})", "1.7"));
    EXPECT_NE(refusal(R"({"type":"integer","multipleOf":401})").find("multipleOf"), std::string::npos);
    EXPECT_NE(refusal(R"({"type":"integer","multipleOf":0})").find("multipleOf"), std::string::npos);
    EXPECT_NE(refusal(R"({"type":"integer","multipleOf":0.5})").find("multipleOf"), std::string::npos);
    EXPECT_NE(refusal(R"({"type":"integer","minimum":5,"maximum":4})").find("minimum"), std::string::npos);
    EXPECT_NE(refusal(R"({"type":"integer","minimum":"5"})").find("minimum"), std::string::npos);
    EXPECT_NE(refusal(R"({"type":"number","minimum":1e-12})").find("minimum"), std::string::npos);
}

TEST(SchemaOneOf, IsPromisedWhereItsSchemasDiffer) {
    const std::string kinds = R"({"oneOf":[
        {"type":"object","properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},
        {"type":"object","properties":{"kind":{"enum":["b","c"]}},"required":["kind"]},
        {"type":"string"}, {"enum":[1,null]}]})";
    EXPECT_TRUE(reads(kinds, R"({"kind":"a","x":1})") && reads(kinds, R"({"kind":"c"})") && reads(kinds, "\"a\"") &&
                reads(kinds, "null"));
    EXPECT_FALSE(reads(kinds, R"({"kind":"a"})") || reads(kinds, R"({"kind":"b","x":1})") || reads(kinds, "2"));
    EXPECT_EQ(refusal(R"({"oneOf":[{"$ref":"#/$defs/a"},{"type":"null"}],"$defs":{"a":{"type":"array"}}})"),
              "accepted");
    for (const char* both :
         {R"([{"type":"integer"},{"type":"number"}])", R"([true,{"type":"null"}])", R"([{"enum":[1,2]},{"enum":[2]}])",
          R"([{"type":"object","properties":{"a":true}},{"type":"object","properties":{"b":true}}])",
          R"([{"type":"string"},{"type":"string","minLength":2}])", R"([{"$ref":"#"},{"$ref":"#"}])"}) {
        const std::string said = refusal(std::string(R"({"oneOf":)") + both + "}");
        EXPECT_NE(said.find("oneOf"), std::string::npos) << both << said;
    }
}

TEST(SchemaAllOf, IsJoined) {
    const std::string person = R"({"allOf":[{"$ref":"#/$defs/named"},
        {"type":"object","properties":{"age":{"type":"integer","minimum":18},"name":{"maxLength":3}},"required":["age","name"]}],
        "$defs":{"named":{"type":"object","properties":{"name":{"type":"string","minLength":2}}}}})";
    EXPECT_TRUE(reads(person, R"({"name":"Zoe","age":18})"));
    EXPECT_FALSE(reads(person, R"({"name":"Zoe","age":17})") || reads(person, R"({"name":"Z","age":18})") ||
                 reads(person, R"({"name":"Zoes","age":18})") || reads(person, R"({"age":18})"));
    EXPECT_TRUE(reads(R"({"type":"integer","anyOf":[{"minimum":5,"maximum":6},{"const":9}]})", "9"));
    EXPECT_FALSE(reads(R"({"type":"integer","anyOf":[{"minimum":5,"maximum":6},{"const":9}]})", "7"));
    EXPECT_FALSE(reads(R"({"enum":[1,2,3],"allOf":[{"enum":[2,3]},{"enum":[3,4]}]})", "2"));
    EXPECT_TRUE(reads(R"({"enum":[1,2,3],"allOf":[{"enum":[2,3]},{"enum":[3,4]}]})", "3"));
    EXPECT_TRUE(reads(R"({"allOf":[{"multipleOf":4},{"multipleOf":6}],"type":"integer"})", "24"));
    EXPECT_FALSE(reads(R"({"allOf":[{"multipleOf":4},{"multipleOf":6}],"type":"integer"})", "8"));
    // Closed on one side: what only the other names is not written.
    EXPECT_FALSE(
        reads(R"({"allOf":[{"properties":{"a":true},"additionalProperties":false},{"properties":{"b":true}}]})",
              R"({"b":1})"));
    // A reference with words beside it, to itself.
    const std::string list =
        R"({"type":"object","properties":{"v":{"type":"null"},"next":{"$ref":"#","type":"object"}},"required":["v"]})";
    EXPECT_TRUE(reads(list, R"({"v":null,"next":{"v":null,"next":{"v":null}}})"));
    for (const auto& [schema, word] :
         {std::pair(R"({"allOf":[{"pattern":"a"},{"pattern":"b"}]})", "pattern"),
          {R"({"allOf":[{"not":{}},{"not":true}]})", "not"},
          {R"({"allOf":[{"type":"string"},{"type":"null"}]})", "nothing follows"},
          {R"({"allOf":[{"uniqueItems":true}]})", "uniqueItems"},
          {R"({"allOf":[]})", "allOf"},
          {R"({"allOf":[{"const":1},{"const":2}]})", "nothing follows"},
          {R"({"$ref":"#/$defs/a","type":"null","$defs":{"a":{"$ref":"#/$defs/a","type":"null"}}})",
           "too much together"}})
        EXPECT_NE(refusal(schema).find(word), std::string::npos) << refusal(schema);
}

TEST(SchemaAllOf, HostileOnesEndSoon) {
    const auto start = std::chrono::steady_clock::now();
    std::string doubling = R"({"$ref":"#/$defs/a0","$defs":{"a30":{"type":"null"})", crossed = R"({"allOf":[)",
                self = R"({"oneOf":[)";
    for (int i = 0; i < 30; ++i)
        doubling += format(R"(,"a%d":{"allOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]})", i, i + 1, i + 1);
    doubling += "}}";
    for (int i = 0; i < 20; ++i) crossed += std::string(i ? "," : "") + R"({"anyOf":[{"minimum":1},{"maximum":5}]})";
    crossed += "]}";
    for (int i = 0; i < 60; ++i) self += std::string(i ? "," : "") + R"({"$ref":"#"})";
    self += "]}";
    for (const std::string& schema :
         {doubling, crossed, self, R"({"allOf":[{"title":")" + std::string(40000, 'x') + "\"}]}"})
        EXPECT_NE(refusal(schema), "accepted");
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 5);
}

} // namespace
} // namespace nibble
