#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <compare/report_page.h>
#include <compare/report_style.h>
#include <initializer_list>

namespace nibble {

namespace {

using Cells = std::vector<std::string>; // HTML

std::string percent(double share, int decimals = 0) { return format("%.*f %%", decimals, 100 * share); }

std::string element(const char* name, const std::string& html, const char* attributes = "") {
    return std::string("<") + name + (*attributes ? " " : "") + attributes + ">" + html + "</" + name + ">";
}

/// A table whose first column names its rows.
class Table {
public:
    Table(const std::string& caption, const Cells& head) {
        m_html = "<div class=\"wide\"><table>" + element("caption", escapedHtml(caption)) + "<thead><tr>";
        for (const std::string& cell : head) m_html += element("th", cell, "scope=\"col\"");
        m_html += "</tr></thead><tbody>\n";
    }
    void add(const Cells& cells) {
        m_html += "<tr>";
        for (std::size_t i = 0; i < cells.size(); ++i)
            m_html += i == 0 ? element("th", cells[i], "scope=\"row\"") : element("td", cells[i]);
        m_html += "</tr>\n";
    }
    std::string html() const { return m_html + "</tbody></table></div>\n"; }

private:
    std::string m_html;
};

std::string section(const char* title, const std::string& html) {
    return "<section>" + element("h2", title) + "\n" + html + "</section>\n";
}

std::string models(const CompareReport& report) {
    const ModelFigures &a = report.original, &b = report.smaller;
    Table table("Both models", {"", "original", "smaller"});
    const auto row = [&](const char* name, const std::string& x, const std::string& y) { table.add({name, x, y}); };
    row("name", escapedHtml(a.name), escapedHtml(b.name));
    row("stored as", escapedHtml(a.formatName), escapedHtml(b.formatName));
    row("size on disk", humanBytes(a.fileBytes), humanBytes(b.fileBytes));
    row("bits per weight", format("%.2f", a.bitsPerWeight), format("%.2f", b.bitsPerWeight));
    row("memory in use", humanBytes(a.memoryBytes), humanBytes(b.memoryBytes));
    if (a.decodeSpeed > 0 && b.decodeSpeed > 0) {
        row("writes, tokens a second", format("%.1f", a.decodeSpeed), format("%.1f", b.decodeSpeed));
        row("reads, tokens a second", format("%.1f", a.prefillSpeed), format("%.1f", b.prefillSpeed));
    }
    return section("The models", table.html());
}

std::string figures(const CompareReport& report) {
    Table table("Measured on " + std::to_string(report.tokensScored) + " tokens of " + report.textName,
                {"", "value", "what it means"});
    table.add({"word agreement", percent(report.wordAgreement.value, 1),
               "both models think the same next word likeliest; with another text of this kind between " +
                   percent(report.agreementLow, 1) + " and " + percent(report.agreementHigh, 1)});
    table.add({"drift", format("%d of 100", report.drift), "how far the expectations moved; 0 is the same"});
    table.add({"mean KL divergence", format("%.5f ± %.5f", report.meanDivergence.value, report.meanDivergence.error),
               "nats per token; the figure that drift is made of"});
    table.add({"largest KL divergence",
               format("%.3f / %.3f / %.3f", report.divergence99, report.divergence999, report.maxDivergence),
               "of 99 % of the positions, of 99.9 %, of all"});
    const Measured &a = report.original.perplexity, &b = report.smaller.perplexity;
    table.add(
        {"surprise (perplexity)",
         format("%.3f, original %.3f (%+.2f %%)", b.value, a.value, 100 * std::expm1(report.logPerplexityRatio.value)),
         "among how many words each hesitates when it reads the text"});
    return section("In figures", table.html());
}

std::string expected(const std::string& word, double chance, bool changed) {
    const std::string text = escapedHtml(word) + " (" + percent(chance) + ")";
    return changed
               ? "<span class=\"changed\"><span aria-hidden=\"true\">≠ </span><span class=\"hidden\">changed: </span>" +
                     text + "</span>"
               : text;
}

std::string worstMoments(const CompareReport& report) {
    if (report.worstMoments.empty()) return {};
    Table table("Where the smaller model departs most from the original, worst first",
                {"", "what comes before", "the original expects", "the smaller one expects", "the text goes on",
                 "KL divergence"});
    int number = 0;
    for (const WorstMoment& m : report.worstMoments)
        table.add({std::to_string(++number), escapedHtml(m.context), expected(m.original, m.originalChance, false),
                   expected(m.smaller, m.smallerChance, m.smaller != m.original), escapedHtml(m.follows),
                   format("%.2f", m.divergence)});
    return section("Worst moments",
                   "<p>The word that each model thinks likeliest next, and how sure it is. Another word is marked with "
                   "≠ and underlined. A different word need not be a wrong one.</p>" +
                       table.html());
}

/// Bars from left to right, and the numbers of the worst moments above theirs.
std::string picture(const CompareReport& report) {
    constexpr double kLeft = 40, kWidth = 640, kTop = 24, kHeight = 160;
    const std::vector<Stretch>& stretches = report.stretches;
    const double step = kWidth / double(stretches.size());
    const auto y = [&](double drift) { return kTop + kHeight * (1 - drift / 100); };
    std::string svg = format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"Drift along the text: %zu bars "
                             "from 0 to 100; the table below has their values.\">",
                             kLeft + kWidth + 8, kTop + kHeight + 24, stretches.size());
    for (const int line : {0, 50, 100})
        svg +=
            format("<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/><text x=\"%.0f\" y=\"%.1f\" "
                   "text-anchor=\"end\">%d</text>",
                   kLeft, kLeft + kWidth, y(line), y(line), kLeft - 6, y(line) + 4, line);
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        const Stretch& s = stretches[i];
        svg += format(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"bar\"><title>%s ...: drift %d of "
            "100, agreement %s</title></rect>",
            kLeft + step * double(i) + 1, y(s.drift), std::max(1.0, step - 2), kHeight * s.drift / 100,
            escapedHtml(s.begins).c_str(), s.drift, percent(s.agreement).c_str());
    }
    std::vector<int> above(stretches.size(), 0);
    for (std::size_t m = 0; m < report.worstMoments.size(); ++m) {
        std::size_t i = stretches.size() - 1;
        while (i > 0 && stretches[i].position > report.worstMoments[m].position) --i;
        const double x = kLeft + step * (double(i) + 0.5);
        svg += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" class=\"number\">%zu</text>", x,
                      y(stretches[i].drift) - 4 - 12 * above[i]++, m + 1);
    }
    return svg + format("<text x=\"%.0f\" y=\"%.1f\">start of the text</text><text x=\"%.0f\" y=\"%.1f\" "
                        "text-anchor=\"end\">end</text></svg>\n",
                        kLeft, kTop + kHeight + 18, kLeft + kWidth, kTop + kHeight + 18);
}

std::string driftAlong(const CompareReport& report) {
    if (report.stretches.empty()) return {};
    Table table("Drift along the text", {"piece", "begins with", "tokens", "drift", "agreement", "KL divergence"});
    int number = 0;
    for (const Stretch& s : report.stretches)
        table.add({std::to_string(++number), escapedHtml(s.begins), std::to_string(s.tokens), std::to_string(s.drift),
                   percent(s.agreement), format("%.4f", s.divergence)});
    return section(
        "Drift along the text",
        "<p>From the start of the text to its end; higher is further from the original. The numbers are those "
        "of the worst moments.</p>" +
            picture(report) + element("details", element("summary", "The values as a table") + table.html()));
}

std::string tasks(const TaskReport& report) {
    if (report.items == 0) return {};
    std::string html = element("p", escapedHtml(report.sentence));
    Table table("Office tasks", {"", "tasks", "same answer", "right: original", "right: smaller"});
    const auto row = [&](const std::string& name, int32_t items, int32_t same, int32_t a, int32_t b) {
        table.add(
            {escapedHtml(name), std::to_string(items), std::to_string(same), std::to_string(a), std::to_string(b)});
    };
    for (const TaskGroup& g : report.groups) row(g.name, g.items, g.same, g.originalRight, g.smallerRight);
    row("all", report.items, report.same, report.originalRight, report.smallerRight);
    html += table.html();
    if (!report.changes.empty()) {
        Table changes("Tasks with different answers", {"", "question", "original", "smaller", "right"});
        int number = 0;
        for (const TaskChange& c : report.changes)
            changes.add({std::to_string(++number), escapedHtml(c.question), escapedHtml(c.original),
                         element("span", "≠ " + escapedHtml(c.smaller), "class=\"changed\""), escapedHtml(c.right)});
        html += element("details", element("summary", "The tasks in which they chose differently") + changes.html());
    }
    return section("Office tasks", html);
}

std::string answers(const CompareReport& report) {
    std::string html;
    for (const AnswerPair& pair : report.answers) {
        html += element("h3", escapedHtml(pair.prompt));
        if (pair.identical) {
            html += element("p", "Both answer the same:") + element("blockquote", escapedHtml(pair.original));
            continue;
        }
        html += element("p", format("The same for the first %d words.", pair.sameWords)) + "<div class=\"pair\">" +
                element("div", element("h4", "original") + element("blockquote", escapedHtml(pair.original))) +
                element("div", element("h4", "smaller") + element("blockquote", escapedHtml(pair.smaller))) + "</div>";
    }
    return html.empty() ? html : section("Answers", html);
}

} // namespace

std::string escapedHtml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string reportPage(const CompareReport& report) {
    const std::string title = "How close is " + report.smaller.name + " to the original?";
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                       "'unsafe-inline'\">\n<meta name=\"color-scheme\" content=\"light dark\">\n";
    html += element("title", escapedHtml(title)) + "\n<style>" + kReportStyle + "</style>\n</head>\n<body>\n<main>\n";
    html += element("h1", escapedHtml(title)) + "\n";
    if (!report.sentence.empty())
        html += element("p", escapedHtml(report.sentence),
                        report.warning.empty() ? "class=\"verdict\"" : "class=\"verdict warning\"") +
                "\n";
    html += models(report);
    if (report.tokensScored > 0) html += figures(report) + worstMoments(report) + driftAlong(report);
    html += tasks(report.tasks) + answers(report);
    html += "</main>\n<footer><p>Made by Nibble " + escapedHtml(report.version) + " on " +
            escapedHtml(report.measuredAt) +
            ". Both models read the same text on the same engine. KL divergence compares the probabilities of all next "
            "words; intervals are 95 % (Wilson).";
    if (report.oneAfterTheOther)
        html +=
            " The models ran one after the other: of the original the 256 likeliest words of each position were kept, "
            "so that its figures are a lower bound.";
    return html + "</p></footer>\n</body>\n</html>\n";
}

} // namespace nibble
