#include "code_highlighter.h"

#include <QSet>
#include <QTextDocument>

namespace nibble::gui {

namespace {

/// Languages that are alike in what is coloured.
struct Family {
    QStringList languages;
    QStringList lineComments;
    QString commentBegin, commentEnd; // over lines; may be empty
    QString quotes;
    QStringList longQuotes; // strings over several lines
    QSet<QString> keywords;
    bool anyCase = false;
};

QSet<QString> words(const char* list) {
    const QStringList parts = QString::fromLatin1(list).split(' ');
    return {parts.begin(), parts.end()};
}

const QList<Family>& families() {
    static const QList<Family> list = {
        {{"python", "py", "python3", "r", "ruby", "rb"},
         {"#"},
         {},
         {},
         "\"'",
         {"\"\"\"", "'''"},
         words("and as assert async await begin break case class continue def del do elif else elsif end except False "
               "finally for from function global if import in is lambda None nonlocal not or pass raise require return "
               "self then True try unless until while with yield")},
        {{"sh", "bash", "shell", "zsh", "console", "yaml", "yml", "toml", "ini", "dockerfile", "makefile", "powershell",
          "ps1", "perl"},
         {"#"},
         {},
         {},
         "\"'",
         {},
         words("case do done elif else esac exit export fi for foreach function if in local my return set then true "
               "false null until while")},
        {{"c",  "cpp",   "c++",        "cc",   "h",   "hpp",  "cs",     "c#",   "csharp", "java",  "javascript",
          "js", "jsx",   "typescript", "ts",   "tsx", "go",   "golang", "rust", "rs",     "swift", "kotlin",
          "kt", "scala", "php",        "dart", "qml", "glsl", "json",   "css",  "scss"},
         {"//"},
         "/*",
         "*/",
         "\"'`",
         {},
         words("abstract as async auto await bool boolean break byte case catch char class const constexpr continue "
               "default defer delete do double else enum export extends extern false final finally float fn for from "
               "fun func function goto if implements import in int interface internal let long match mod mut namespace "
               "new nil null nullptr operator override package private protected pub public return self short signed "
               "sizeof static std string struct super switch template this throw true try type typedef typename "
               "undefined union unsigned use using val var virtual void volatile when where while yield")},
        {{"sql", "mysql", "postgresql", "sqlite", "plsql"},
         {"--"},
         "/*",
         "*/",
         "'\"",
         {},
         words("add all alter and as asc between by case create delete desc distinct drop else end exists foreign from "
               "full group having in index inner insert into is join key left like limit not null on or order outer "
               "primary references right select set table then union unique update values view when where with"),
         true},
        {{"vb", "vba", "vbnet", "basic"},
         {"'"},
         {},
         {},
         "\"",
         {},
         words("and as boolean byref byval call case const dim do each else elseif end exit false for function if in "
               "integer is let loop long new next not nothing on or private public select set string sub then to true "
               "until wend while with"),
         true},
        {{"html", "xml", "svg"}, {}, "<!--", "-->", "\"", {}, {}}};
    return list;
}

const Family* familyOf(const QString& language) {
    const QString name = language.toLower();
    for (const Family& family : families())
        if (family.languages.contains(name)) return &family;
    return nullptr;
}

bool partOfWord(QChar c) { return c.isLetterOrNumber() || c == '_'; }

/// Behind the quote that ends a string begun before `from`; the end of the line where none does.
int endOfString(const QString& line, int from, QChar quote) {
    for (int i = from; i < line.size(); ++i) {
        if (line[i] == '\\') {
            ++i;
        } else if (line[i] == quote) {
            return i + 1;
        }
    }
    return int(line.size());
}

/// Of which of `beginnings` there is one at `at`; empty where there is none.
QString startsAt(const QString& line, int at, const QStringList& beginnings) {
    for (const QString& one : beginnings)
        if (!one.isEmpty() && QStringView(line).mid(at).startsWith(one)) return one;
    return {};
}

} // namespace

QList<CodeSpan> codeSpans(const QString& line, const QString& language, QString& open) {
    QList<CodeSpan> spans;
    const Family* family = familyOf(language);
    if (!family) return spans;
    const int size = int(line.size());
    int at = 0;
    /// From `at` behind the end of what is open, or to the end of the line.
    const auto take = [&](int searchFrom, const QString& end, CodeSpan::Kind kind) {
        const int found = int(line.indexOf(end, searchFrom));
        const int behind = found < 0 ? size : found + int(end.size());
        open = found < 0 ? end : QString();
        if (behind > at) spans.append({at, behind - at, kind});
        at = behind;
    };
    if (!open.isEmpty()) take(0, open, open == family->commentEnd ? CodeSpan::Comment : CodeSpan::String);
    while (at < size) {
        const QChar c = line[at];
        if (!startsAt(line, at, family->lineComments).isEmpty()) {
            spans.append({at, size - at, CodeSpan::Comment});
            break;
        }
        if (!startsAt(line, at, {family->commentBegin}).isEmpty()) {
            take(at + int(family->commentBegin.size()), family->commentEnd, CodeSpan::Comment);
        } else if (const QString quotes = startsAt(line, at, family->longQuotes); !quotes.isEmpty()) {
            take(at + int(quotes.size()), quotes, CodeSpan::String);
        } else if (family->quotes.contains(c)) {
            const int end = endOfString(line, at + 1, c);
            spans.append({at, end - at, CodeSpan::String});
            at = end;
        } else if (partOfWord(c)) {
            int end = at;
            while (end < size && (partOfWord(line[end]) || (c.isDigit() && line[end] == '.'))) ++end;
            const QString word = line.mid(at, end - at);
            if (c.isDigit()) {
                spans.append({at, end - at, CodeSpan::Number});
            } else if (family->keywords.contains(family->anyCase ? word.toLower() : word)) {
                spans.append({at, end - at, CodeSpan::Keyword});
            }
            at = end;
        } else {
            ++at;
        }
    }
    return spans;
}

CodeHighlighter::CodeHighlighter(QObject* parent) : QSyntaxHighlighter(parent) {
    connect(this, &CodeHighlighter::changed, this, &QSyntaxHighlighter::rehighlight);
}

void CodeHighlighter::setText(QQuickTextDocument* text) {
    if (text == m_text) return;
    m_text = text;
    setDocument(text ? text->textDocument() : nullptr);
    emit changed();
}

QColor CodeHighlighter::colorOf(CodeSpan::Kind kind) const {
    switch (kind) {
    case CodeSpan::Comment:
        return m_comments;
    case CodeSpan::String:
        return m_strings;
    case CodeSpan::Keyword:
        return m_keywords;
    case CodeSpan::Number:
        return m_numbers;
    }
    return {};
}

void CodeHighlighter::highlightBlock(const QString& line) {
    // The state of a block is a number: which of the things that can be left open.
    static const QStringList things = {{}, "*/", "-->", "\"\"\"", "'''"};
    QString open = things.value(previousBlockState());
    for (const CodeSpan& span : codeSpans(line, m_language, open))
        setFormat(span.begin, span.length, colorOf(span.kind));
    setCurrentBlockState(int(things.indexOf(open)));
}

} // namespace nibble::gui
