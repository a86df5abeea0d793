// What of an answer's code is coloured.
#include "chat/code_highlighter.h"

#include <gtest/gtest.h>

namespace nibble::gui::test {
namespace {

using Kind = CodeSpan::Kind;

/// "k:def n:1 ..." of the lines, one after the other.
QString described(const QStringList& lines, const QString& language) {
    QStringList parts;
    QString open;
    for (const QString& line : lines) {
        for (const CodeSpan& span : codeSpans(line, language, open))
            parts += QString("csKn"[span.kind]) + ':' + line.mid(span.begin, span.length);
    }
    return parts.join(' ');
}

TEST(CodeHighlighter, NamesWhatALineConsistsOf) {
    EXPECT_EQ(described({"def twice(x1): return 2.5 * x1  # not 'text'"}, "python"),
              "K:def K:return n:2.5 c:# not 'text'");
    EXPECT_EQ(described({"const a = \"// no \\\" comment\"; // yes"}, "js"),
              "K:const s:\"// no \\\" comment\" c:// yes");
    EXPECT_EQ(described({"SELECT name FROM staff -- all"}, "SQL"), "K:SELECT K:FROM c:-- all");
    EXPECT_EQ(described({"<!-- a --><b c=\"d\">"}, "html"), "c:<!-- a --> s:\"d\"");
    EXPECT_EQ(described({"if 1 # and so on"}, "a poem"), "") << "of an unknown language nothing";
}

TEST(CodeHighlighter, CommentsAndStringsGoOverLines) {
    EXPECT_EQ(described({"int a; /* one", "two 2", "three */ int b;"}, "c++"),
              "K:int c:/* one c:two 2 c:three */ K:int");
    EXPECT_EQ(described({"s = '''if", "", "3''' + 4"}, "py"), "s:'''if s:3''' n:4");
    EXPECT_EQ(described({"a = 'not closed", "if b"}, "py"), "s:'not closed K:if") << "only until the end of its line";
}

TEST(CodeHighlighter, HostileCodeEndsAndStaysInItsLine) {
    for (const QString& line : {QString("'\\"), QString("\""), QString("/*"), QString(100000, '\''),
                                QString(100000, '/'), QString("0").repeated(100000), QString(QChar(0xd800))}) {
        for (const char* language : {"python", "c", "sql", "vba", "html", "sh"}) {
            QString open;
            int end = 0;
            for (const CodeSpan& span : codeSpans(line, language, open)) {
                EXPECT_GE(span.begin, end);
                EXPECT_GT(span.length, 0);
                end = span.begin + span.length;
            }
            EXPECT_LE(end, line.size());
        }
    }
}

} // namespace
} // namespace nibble::gui::test
