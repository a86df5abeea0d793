// Templates are untrusted: each of these ends soon, with an error that says so.

#include <chrono>
#include <ctime>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <text/chat_template.h>

namespace nibble {
namespace {

using nlohmann::ordered_json;

std::string repeated(const std::string& part, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += part;
    return all;
}

std::string renderOf(const std::string& source, const ordered_json& variables = ordered_json::object()) {
    return ChatTemplate(source, ordered_json::object()).render(variables, 0);
}

struct Hostile {
    const char* name;
    std::string source;
    bool mayRender = false; // harmless to us, if only it ends soon
    std::size_t mostMemory = 64u << 20;
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

std::vector<Hostile> hostileTemplates() {
    return {
        {"InfiniteMacro", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"},
        {"NestedParentheses", "{{ " + repeated("(", 100000) + "1" + repeated(")", 100000) + " }}"},
        {"NestedLists", "{{ " + repeated("[", 100000) + repeated("]", 100000) + " }}"},
        {"NestedNots", "{{ " + repeated("not ", 60000) + "1 }}", true},
        {"NestedMinuses", "{{ " + repeated("-", 200000) + "1 }}"},
        {"MinusNots", "{{ " + repeated("-not ", 50000) + "1 }}", true},
        // As deep as a source may nest, so that most of it is stack, which the allocator does not count.
        {"Concatenations", "{{ 'a'" + repeated("~1", 120000) + " }}", true, 96u << 20},
        {"Choices", "{{ 1" + repeated(" if 0 else 1", 20000) + " }}", true},
        {"NestedIfs", repeated("{% if 1 %}", 20000)},
        {"NestedClosedIfs", repeated("{%if 1%}", 14000) + repeated("{%endif%}", 14000)},
        {"LongChain", "{{ a" + repeated(".b", 100000) + " }}"},
        {"NestedLoops", "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}"},
        {"ManyAppends",
         "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% for j in range(100) %}{% set ns.x = "
         "ns.x + [j] %}{% endfor %}{% endfor %}"},
        {"HugeRange", "{% for i in range(1000000000) %}{% endfor %}"},
        {"HugeRepeat", "{{ 'a' * 4000000000 }}"},
        {"HugeListRepeat", "{{ ([1] * 4000000000) | length }}"},
        {"Doubling", "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% "
                     "endfor %}{{ ns.s | length }}"},
        {"ReplaceGrowth", "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set ns.s = "
                          "ns.s.replace('a', 'aaaaaaaa') %}{% endfor %}"},
        {"NestedValue",
         "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}"},
        {"NestedValueAsJson", "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% "
                              "endfor %}{{ ns.x | tojson }}"},
        {"NestedValueJoined",
         "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% "
         "endfor %}{{ 'a' ~ ns.x }}",
         true},
        {"SharedLists", "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor "
                        "%}{{ ns.x }}"},
        {"JoinedBlocks", "{% set s = '" + repeated("x", 100000) +
                             "' %}{% set ns = namespace(x=[]) %}{% for i in "
                             "range(1000) %}{% set ns.x = ns.x + [s] %}{% endfor %}{{ (ns.x | join) | length }}"},
        {"ReplacedByItself", "{% set s = '" + repeated("x", 100000) + "' %}{{ s.replace('x', s) | length }}"},
        {"HugeFormat", "{{ '%999999999d' | format(1) }}"},
        {"HugeIndent", "{{ [[1]] | tojson(indent=1000000000) }}"},
        {"BigOutput", "{% for i in range(99999) %}" + repeated("0123456789", 200) + "{% endfor %}"},
        {"TooLong", repeated("x", 256 * 1024 + 1)},
        {"Include", "{% include '/etc/passwd' %}"},
        {"Attributes", "{{ ''.__class__.__mro__[1].__subclasses__() }}"},
        {"Unclosed", "{% if true %}"},
        {"UnknownTag", "{% frobnicate %}"},
        {"UnknownFilter", "{{ 1 | frobnicate }}"},
        {"UnknownDirective", "{{ strftime_now('%Q') }}"},
    };
}

/// A line of /proc/self/status in bytes: VmRSS is what this process has in memory, VmHWM the most it had.
std::size_t memoryLine(const std::string& name) {
    std::ifstream in("/proc/self/status");
    for (std::string word; in >> word;)
        if (std::size_t kilobytes; word == name + ":" && in >> kilobytes) return kilobytes * 1024;
    return 0;
}

/// The most memory that `work` needs beside what is there before; 0 where the system does not say.
template<class Work>
std::size_t peakMemory(const Work& work) {
    std::ofstream("/proc/self/clear_refs") << "5" << std::flush; // resets VmHWM
    const std::size_t before = memoryLine("VmRSS");
    work();
    const std::size_t most = memoryLine("VmHWM");
    return most > before ? most - before : 0;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMeasuresMemory = false; // freed memory is kept
#else
constexpr bool kMeasuresMemory = true;
#endif

class HostileTemplate : public testing::TestWithParam<Hostile> {};

TEST_P(HostileTemplate, EndsSoonWithAnError) {
    renderOf("harmless"); // what the first template of a program brings in is no template's own
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t work = std::clock();
    const std::size_t memory = peakMemory([] {
        try {
            const std::string text = renderOf(GetParam().source);
            if (!GetParam().mayRender) ADD_FAILURE() << "rendered " << text.size() << " bytes: " << text.substr(0, 100);
        } catch (const Error& e) {
            EXPECT_EQ(e.kind, ErrorKind::BadFile) << e.what();
            EXPECT_FALSE(e.detail.empty());
            EXPECT_FALSE(e.whatToDo.empty());
        }
    });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double cpuSeconds = double(std::clock() - work) / CLOCKS_PER_SEC;
    std::printf("%.2f s (%.2f s of work), %.1f MB\n", seconds, cpuSeconds, double(memory) / 1e6);
    EXPECT_LT(seconds, 5); // two, and what a busy machine adds
    EXPECT_LT(cpuSeconds, 2);
    EXPECT_LT(kMeasuresMemory ? memory : 0, GetParam().mostMemory);
}

INSTANTIATE_TEST_SUITE_P(Templates, HostileTemplate, testing::ValuesIn(hostileTemplates()),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ChatTemplate, OneThatLeavesThreadsBehindIsNotRunForever) {
    const ChatTemplate chat(
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% "
        "endfor %}",
        ordered_json::object());
    std::string last;
    const std::size_t memory = peakMemory([&] {
        for (int i = 0; i < 20; ++i) try {
                chat.render(ordered_json::object(), 0);
                FAIL();
            } catch (const Error& e) {
                last = e.detail;
            }
    });
    EXPECT_NE(last.find("too often"), std::string::npos) << last;
    EXPECT_LT(kMeasuresMemory ? memory : 0, 300u << 20);
}

TEST(ChatTemplate, LongConversationsRender) {
    const std::string source =
        "{% set ns = namespace(s='') %}{% for m in messages %}{% set ns.s = m.role ~ m.content | trim "
        "%}{{ ns.s }}{% endfor %}";
    ordered_json messages = ordered_json::array();
    for (int i = 0; i < 40; ++i) messages.push_back({{"role", "user"}, {"content", repeated("Hello there. ", 20000)}});
    EXPECT_GT(renderOf(source, {{"messages", messages}}).size(), 10'000'000u);
}

TEST(ChatTemplate, ErrorsNameTheLine) {
    try {
        renderOf("a\nb\n{{ x.y.z }}\n");
        FAIL();
    } catch (const Error& e) {
        EXPECT_NE(e.detail.find("line 3"), std::string::npos) << e.detail;
    }
}

TEST(ChatTemplate, VariablesNestedTooDeeplyAreRefused) {
    ordered_json deep = 1;
    for (int i = 0; i < 63; ++i) deep = ordered_json::array({deep});
    EXPECT_NO_THROW(renderOf("{{ x | tojson }}", {{"x", deep[0]}}));
    EXPECT_THROW(renderOf("{{ x }}", {{"x", deep}}), Error);
    ordered_json endless = 1;
    for (int i = 0; i < 2000; ++i) endless = ordered_json::array({endless});
    EXPECT_THROW(renderOf("{{ x }}", {{"x", endless}}), Error);
}

TEST(ChatTemplate, RaiseExceptionIsTheMessageAlone) {
    try {
        renderOf("{{ raise_exception('No tools, please.') }}");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::BadRequest);
        EXPECT_EQ(e.message, "No tools, please.");
    }
}

TEST(ChatTemplate, PrintsAsPythonDoes) {
    EXPECT_EQ(renderOf("{{ true }} {{ none }} {{ 1.0 }} {{ 1e20 }} {{ 0.00001 }} {{ 1.5 }}"),
              "True None 1.0 1e+20 1e-05 1.5");
    EXPECT_EQ(renderOf("{{ ['a', \"it's\", none, true, 1.0] }}"), "['a', \"it's\", None, True, 1.0]");
    EXPECT_EQ(renderOf("{{ {'a': [1, {'b': false}]} }}"), "{'a': [1, {'b': False}]}");
}

TEST(ChatTemplate, TojsonIsJsonDumps) {
    const ordered_json x = {{"z", 1}, {"a", {1.0, true, nullptr, "Grüße \"x\" </b>\n"}}, {"e", ordered_json::array()}};
    EXPECT_EQ(renderOf("{{ x | tojson }}", {{"x", x}}),
              "{\"z\": 1, \"a\": [1.0, true, null, \"Grüße \\\"x\\\" </b>\\n\"], \"e\": []}");
    EXPECT_EQ(renderOf("{{ x | tojson(indent=2) }}", {{"x", {{"a", {1, 2}}, {"b", ordered_json::object()}}}}),
              "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
    EXPECT_EQ(renderOf("{{ x | tojson(separators=(',', ':'), sort_keys=true) }}", {{"x", {{"b", 1}, {"a", {1, 2}}}}}),
              "{\"a\":[1,2],\"b\":1}");
    EXPECT_EQ(renderOf("{{ 'ü🙂' | tojson(ensure_ascii=true) }}"), "\"\\u00fc\\ud83d\\ude42\"");
}

TEST(ChatTemplate, StrftimeNow) {
    const std::string source = "{{ strftime_now('%A %d %B %Y %H:%M:%S %j %-d %y %b %a %I %p') }}";
    const ChatTemplate chat(source, ordered_json::object());
    EXPECT_EQ(chat.render(ordered_json::object(), 951782400 + 13 * 3600 + 62), // 29 February 2000
              "Tuesday 29 February 2000 13:01:02 060 29 00 Feb Tue 01 PM");
    EXPECT_EQ(chat.render(ordered_json::object(), 1798675199),
              "Wednesday 30 December 2026 23:59:59 364 30 26 Dec Wed 11 PM");
}

TEST(ChatTemplate, GenerationBlocksAreTransparent) {
    EXPECT_EQ(renderOf("{% for m in [1,2] %}{% generation %}{{ m }}{% endgeneration %}{% endfor %}"), "12");
    EXPECT_EQ(renderOf("{{ '{% generation %}' }}{# {% generation %} #}"), "{% generation %}");
}

} // namespace
} // namespace nibble
