// Formulas in answers, and the Markdown around them: nothing a model writes becomes HTML of its own.
#include "chat/formula.h"
#include "chat/markdown_blocks.h"

#include <QElapsedTimer>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextList>
#include <gtest/gtest.h>

namespace nibble::gui::test {
namespace {

/// As it reads, with "^" and "_" where letters stand higher and lower.
QString shown(const QString& tex, bool lines = false) {
    QString html = formulaAsRichText(tex, lines).value_or("?");
    html.replace("<sup>", "^").replace("<sub>", "_").replace("<br>", "\n");
    QTextDocument document;
    document.setHtml("<pre>" + html + "</pre>");
    return document.toPlainText();
}

TEST(Formula, ReadsAsAPersonWritesIt) {
    EXPECT_EQ(shown("E = mc^2"), "E = mc^2");
    EXPECT_EQ(shown(R"(x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a})"),
              QString::fromUtf8("x_1,2 = (−b ± √(b^2 − 4ac))/(2a)"));
    EXPECT_EQ(shown(R"(\sum_{i=1}^{n} i = \frac{n(n+1)}{2})"), QString::fromUtf8("∑_i=1^n i = (n(n + 1))/2"));
    EXPECT_EQ(shown(R"(\alpha \leq \beta \cdot 10^{-3})"), QString::fromUtf8("α ≤ β · 10^−3"));
    EXPECT_EQ(shown(R"(\sin\left(\frac{\pi}{2}\right) = 1)"), QString::fromUtf8("sin(π/2) = 1"));
    EXPECT_EQ(shown(R"(\sqrt[3]{8} = 2, \sqrt x)"), QString::fromUtf8("^3√8 = 2, √x"));
    EXPECT_EQ(shown(R"(20\,\% \text{ of } 300\,\$)"), "20 % of 300 $");
    EXPECT_EQ(shown(R"(f'(x), 90^\circ, \bar{x} \in \mathbb{R})"), QString::fromUtf8("f′(x), 90°, x̄ ∈ ℝ"));
    EXPECT_EQ(shown("\\begin{aligned} a &= 1 \\\\ b &= 2 \\end{aligned}", true), "a = 1\nb = 2");
    EXPECT_EQ(formulaAsRichText("a<b", false), "<i>a</i> &#60; <i>b</i>");
}

TEST(Formula, WhatTextCannotShowStaysAsItIs) {
    for (const char* tex : {R"(\begin{pmatrix} 1 & 2 \end{pmatrix})", R"(\unknown{x})", "{a", "a}", "a^", R"(\frac{a})",
                            "", R"(\overline{AB})", R"(\text{$x$})", "a \\\\ b", "a & b", "\\", R"(\sqrt[)"})
        EXPECT_FALSE(formulaAsRichText(tex, false)) << tex;
    EXPECT_FALSE(formulaAsRichText(QString("{").repeated(1000) + QString("}").repeated(1000), true));
    EXPECT_FALSE(formulaAsRichText(QString("x").repeated(5000), true));
}

QString plain(const QString& markdown) {
    QString text;
    for (const MarkdownBlock& block : markdownBlocks(markdown)) {
        QTextDocument document;
        if (block.code)
            document.setPlainText("[" + block.language + "] " + block.text);
        else if (block.formula.isEmpty())
            document.setMarkdown(block.text, QTextDocument::MarkdownDialectGitHub);
        else
            document.setHtml(block.text);
        text += (text.isEmpty() ? "" : " | ") + document.toPlainText().remove(QChar(0x200b));
    }
    return text;
}

TEST(Markdown, FormulasInTheTextAndOnLinesOfTheirOwn) {
    EXPECT_EQ(plain("The area is \\(\\pi r^2\\), and $x$ or $a_1 < b$."),
              QString::fromUtf8("The area is πr2, and x or a1 < b."));
    const auto blocks =
        markdownBlocks("Then:\n\\[ a^2 + b^2 = c^2 \\]\nand\n\n$$\\begin{pmatrix}1\\end{pmatrix}$$\n\nend");
    ASSERT_EQ(blocks.size(), 5);
    EXPECT_EQ(blocks[1].formula, "a^2 + b^2 = c^2") << "the source stays, to be copied and read aloud";
    EXPECT_TRUE(blocks[3].code);
    EXPECT_EQ(blocks[3].language, "tex");
    EXPECT_EQ(plain("1. one \\[x\\]\n   \\[y\\]\n2. two").count('|'), 0) << "a list stays one";
    EXPECT_EQ(plain("| a |\n|---|\n| \\(x_1\\) |").trimmed(), "a\nx1");
    EXPECT_EQ(plain("Use \\(\\foo{x}*y*\\) here"), "Use \\foo{x}*y* here");
    EXPECT_EQ(plain("not yet \\(x"), "not yet (x");
}

TEST(Markdown, PricesAndProgramsAreNoFormulas) {
    for (const char* text : {"It costs $5 and $10.", "from $5-$10, or US$ 7_000 and A$ 3", "echo $HOME_DIR and $PATH_X",
                             "$20,000 (about $1_000 a month)"})
        EXPECT_EQ(plain(text), text);
    EXPECT_EQ(plain("`$a_1$` and ``x`y \\(z\\)``"), "$a_1$ and x`y \\(z\\)");
    EXPECT_EQ(plain("```sh\necho $a_1$\n```"), "[sh] echo $a_1$");
}

TEST(Markdown, NothingOfAModelIsHtmlOrAPicture) {
    for (const char* text :
         {"<img src=x>", "\\`<img src=x>`", "`a\n- b` <img src=x> `c", "`` ` <b>x</b> ``", "\\<b>x</b>",
          "![a](http://x/y.png)", "`![a](http://x/y.png)` b`", "\\(<b>x</b>\\)", "$<img src=x>^2$",
          "\\(\\text{<img src=x>}\\)", "a `b\n\n` <u>c</u> `", "![\\(x](http://x/y.png)\\)"}) {
        for (const MarkdownBlock& block : markdownBlocks(text)) {
            QTextDocument document;
            document.setMarkdown(block.text, QTextDocument::MarkdownDialectGitHub);
            const QString html = document.toHtml().section("<body", 1);
            EXPECT_FALSE(html.contains("<img") || html.contains("underline") || html.contains("font-weight:700"))
                << text << "\n"
                << qPrintable(block.text) << "\n"
                << qPrintable(html);
        }
    }
}

TEST(Markdown, LongHostileTextsCostNoTime) {
    for (const char* piece : {"\\(", "$$a", "` ``", "\\(x\\)"}) {
        QElapsedTimer timer;
        timer.start();
        markdownBlocks(QString(piece).repeated(50000));
        EXPECT_LT(timer.elapsed(), 3000) << piece;
    }
}

TEST(Markdown, AListGoesOnBehindCode) {
    EXPECT_EQ(plain("1. one\n```\nx\n```\n2. two\n3. three"), "one | [] x | 2. two\n3. three");
    EXPECT_EQ(plain("Text\n\n1. one\n2. two"), "Text\none\ntwo");
    QTextDocument document;
    document.setMarkdown(markdownBlocks("1. \\(K\\) is it\n2. `<b>` two")[0].text,
                         QTextDocument::MarkdownDialectGitHub);
    ASSERT_EQ(document.blockCount(), 2);
    for (QTextBlock item = document.begin(); item.isValid(); item = item.next())
        EXPECT_TRUE(item.textList()) << qPrintable(item.text());
}

} // namespace
} // namespace nibble::gui::test
