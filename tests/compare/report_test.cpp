// Reports as files: a page that is whole, closed and harmless, and JSON that can be read back.
#include <compare/report_page.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/json.h>
#include <process.h>
#include <regex>
#include <sstream>

using namespace nibble;

namespace {

CompareReport example() {
    CompareReport report;
    report.original.name = "Tiny";
    report.smaller.name = "Tiny <script>alert(1)</script>";
    report.sentence = "Close. 92 of 100 next words match the original (91-93).";
    report.tokensScored = 1020;
    report.textName = "letters & \"notes\".txt";
    report.drift = 50;
    report.original.perplexity = {17.2, 0.3};
    report.worstMoments = {{412, "the capital of <b>France</b> is", "Paris", "Paris", "London", 0.9, 0.5, 3.25},
                           {90, "one", "two", "two", "two", 0.5, 0.25, 1.5}};
    for (int i = 0; i < 16; ++i) report.stretches.push_back({5 + 64 * i, 64, "It began", 0.03, 0.9, 40 + i});
    report.tasks.items = 2;
    report.tasks.sentence = "In 1 of 2.";
    report.tasks.groups = {{"sums", 2, 1, 2, 1}};
    report.tasks.changes = {{"sums", "2 < 3?", "yes", "yes", "no"}};
    report.answers.resize(1);
    report.answers[0].prompt = "Hello?";
    report.answers[0].original = "I'm <i>here</i>\nnow";
    report.answers[0].smaller = "I'm there";
    report.version = "0.1.0";
    report.measuredAt = "2026-11-27T18:40:00Z";
    return report;
}

/// Every element that is opened is closed in order, but those that HTML leaves open.
void expectClosed(const std::string& page) {
    const std::regex tag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
    std::vector<std::string> open;
    for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it) {
        const std::string name = (*it)[2];
        if ((*it)[3] == "/" || name == "meta") continue;
        if ((*it)[1] == "") {
            open.push_back(name);
        } else {
            ASSERT_FALSE(open.empty()) << name;
            ASSERT_EQ(open.back(), name);
            open.pop_back();
        }
    }
    EXPECT_TRUE(open.empty());
}

int count(const std::string& text, const std::string& part) {
    int n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

std::string contentOf(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

} // namespace

TEST(Report, ThePageHasEverythingAndRunsNothing) {
    const std::string page = reportPage(example());
    expectClosed(page);
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("<b>France"), std::string::npos);
    EXPECT_EQ(page.find("http://"), std::string::npos);
    EXPECT_EQ(page.find("https://"), std::string::npos);
    for (const char* part :
         {"<html lang=\"en\">", "Close. 92 of 100", "letters &amp; &quot;notes&quot;.txt", "Worst moments",
          "the capital of &lt;b&gt;France&lt;/b&gt; is", "London (50 %)", "prefers-color-scheme: dark", "role=\"img\"",
          "In 1 of 2.", "2 &lt; 3?", "I&#39;m there", "Nibble 0.1.0"})
        EXPECT_NE(page.find(part), std::string::npos) << part;
    EXPECT_EQ(count(page, "class=\"bar\""), 16);
    EXPECT_EQ(count(page, "changed: "), 1) << "only the word that is another one";
    EXPECT_EQ(count(page, "<table>"), count(page, "<caption>"));
    CompareReport broken = example();
    broken.sentence = broken.warning = "Do not use this file: it is broken.";
    EXPECT_NE(reportPage(broken).find("class=\"verdict warning\">Do not use"), std::string::npos);
}

TEST(Report, WhatWasNotMeasuredIsNotShown) {
    CompareReport report;
    report.smaller.name = "Tiny";
    const std::string page = reportPage(report);
    expectClosed(page);
    for (const char* part : {"Worst moments", "Drift along", "Office tasks", "In figures", "<h2>Answers"})
        EXPECT_EQ(page.find(part), std::string::npos) << part;
}

TEST(Report, JsonIsReadBackAsItWas) {
    const nlohmann::json value = toJson(example());
    EXPECT_EQ(toJson(compareReportFrom(value)), value);
    EXPECT_EQ(compareReportFrom(value).worstMoments[0].context, example().worstMoments[0].context);
    for (const char* pointer :
         {"/sentence", "/original", "/stretches/3/begins", "/tasks/groups", "/meanDivergence/value"}) {
        nlohmann::json damaged = value;
        damaged[nlohmann::json::json_pointer(pointer)] = nullptr;
        try {
            compareReportFrom(damaged);
            FAIL() << pointer;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadRequest);
        }
    }
    EXPECT_THROW(compareReportFrom(3), Error);
}

TEST(Report, FilesAreWholeAndNotReplacedUnasked) {
    const test::TempFolder folder;
    writeReport(example(), folder / "a.html", false);
    EXPECT_EQ(contentOf(folder / "a.html"), reportPage(example()));
    EXPECT_THROW(writeReport(example(), folder / "a.html", false), Error);
    writeReport(example(), folder / "a.html", true);
    CompareReport report = example();
    report.answers[0].original = "half a character: \xc3";
    writeReport(report, folder / "a.json", false);
    EXPECT_EQ(nlohmann::json::parse(contentOf(folder / "a.json"))["drift"], 50);
    EXPECT_THROW(writeReport(example(), folder / "a.txt", false), Error);
    EXPECT_THROW(writeReport(example(), folder / "missing" / "a.html", false), Error);
    EXPECT_FALSE(std::filesystem::exists(folder / "a.txt"));
}
