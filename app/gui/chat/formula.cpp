#include "formula.h"

#include "formula_signs.h"
#include <QStringView>

namespace nibble::gui {

namespace {

constexpr qsizetype kMostCharacters = 4000;
constexpr int kMostDepth = 40;

/// What cannot be shown.
struct Unknown {};

/// Part of a formula: rich text, and whether it holds together ("ab" and "x^2" do, "a + b" does not).
struct Piece {
    QString html;
    bool loose = false;
    int parts = 1; // signs and numbers side by side

    void add(const Piece& next) {
        html += next.html;
        loose = loose || next.loose;
        parts += next.parts;
    }
    bool isOne() const { return parts == 1 && !loose && !html.contains(QLatin1String("<s")); }
    QString inBrackets() const { return loose ? '(' + html + ')' : html; }
};

class Reader {
public:
    Reader(const QString& tex, bool lines) : m_tex(tex), m_lines(lines) {}

    QString all() {
        const Piece piece = group(false);
        if (m_at < m_tex.size()) throw Unknown(); // a bracket too many
        return piece.html;
    }

private:
    bool atEnd() const { return m_at >= m_tex.size(); }
    QChar peek() const { return atEnd() ? QChar() : m_tex[m_at]; }
    void skipSpaces() {
        while (!atEnd() && m_tex[m_at].isSpace()) ++m_at;
    }

    /// Up to the closing bracket (which is taken) or the end.
    Piece group(bool bracketed) {
        if (++m_depth > kMostDepth) throw Unknown();
        Piece all{{}, false, 0};
        m_afterOperand = false;
        for (;;) {
            skipSpaces();
            if (atEnd()) {
                if (bracketed) throw Unknown();
                break;
            }
            if (peek() == '}') {
                if (!bracketed) throw Unknown();
                ++m_at;
                break;
            }
            all.add(withScripts(item()));
        }
        --m_depth;
        m_afterOperand = true;
        return all;
    }

    Piece withScripts(Piece base) {
        const bool large = base.html.size() == 1 && QStringView(u"∑∏∫∬∭∮⋃⋂").contains(base.html[0]);
        for (;;) {
            skipSpaces();
            const QChar sign = peek();
            if (sign != '^' && sign != '_' && sign != '\'') {
                if (large && !atEnd() && sign != '}') base.html += ' ';
                return base;
            }
            ++m_at;
            if (sign == '\'') {
                base.html += QChar(0x2032);
                continue;
            }
            Piece script = argument();
            script.html.replace(QLatin1String(" &#61; "), QLatin1String("&#61;")); // they are small
            const QString tag = sign == '^' ? QStringLiteral("sup") : QStringLiteral("sub");
            if (script.html == QChar(0x2032) ||
                script.html == QChar(0x2218)) { // primes and degrees stand high by themselves
                base.html += script.html == QChar(0x2218) ? QChar(0xb0) : script.html[0];
            } else {
                base.html += QStringLiteral("<%1>%2</%1>").arg(tag, script.html);
            }
            m_afterOperand = true;
        }
    }

    /// "{...}" or one sign, as commands and scripts take it.
    Piece argument() {
        skipSpaces();
        if (atEnd()) throw Unknown();
        if (peek() == '{') {
            ++m_at;
            return group(true);
        }
        return item();
    }

    /// "{...}" as it is written, for text and names.
    QString rawArgument() {
        skipSpaces();
        if (peek() != '{') throw Unknown();
        const qsizetype end = m_tex.indexOf('}', m_at);
        const QString text = m_tex.mid(m_at + 1, end - m_at - 1);
        if (end < 0 || text.contains('{') || text.contains('\\') || text.contains('$')) throw Unknown();
        m_at = end + 1;
        return text;
    }

    Piece item() {
        const QChar letter = m_tex[m_at++];
        if (letter == '{') return group(true);
        if (letter == '\\') return command();
        if (letter == '&') { // where lines stand below each other
            if (!m_lines) throw Unknown();
            return {};
        }
        if (letter == '~') return {QStringLiteral(" "), false, 0};
        if (QStringView(u"^_}#%$").contains(letter)) throw Unknown();
        if (letter == '-') return binary(QChar(0x2212));
        if (letter == '+') return binary(QStringLiteral("+"));
        if (letter == '/' || letter == '*') return binary(letter == '*' ? QChar(0x2217) : letter);
        if (letter == '=' || letter == '<' || letter == '>') return relation(asEntities(letter));
        m_afterOperand = !QStringView(u"([,;|").contains(letter);
        if (letter.isDigit()) return number(letter);
        if (letter == ',') return {asEntities(letter) + ' '};
        if (letter.isLetter() && letter.unicode() < 0x250) return {"<i>" + QString(letter) + "</i>"};
        return {asEntities(letter)};
    }

    /// "12", "3.5", "1,000": one.
    Piece number(QChar first) {
        QString digits = first;
        while (!atEnd() && (peek().isDigit() || (QStringView(u".,").contains(peek()) && m_at + 1 < m_tex.size() &&
                                                 m_tex[m_at + 1].isDigit())))
            digits += m_tex[m_at++];
        return {asEntities(digits)};
    }

    /// With spaces around it; a sign in front of its number without.
    Piece binary(const QString& sign) {
        const QString html = m_afterOperand ? ' ' + asEntities(sign) + ' ' : asEntities(sign);
        m_afterOperand = false;
        return {html, true};
    }
    Piece relation(const QString& html) {
        m_afterOperand = false;
        return {' ' + html + ' ', true};
    }

    Piece command() {
        if (atEnd()) throw Unknown();
        if (!m_tex[m_at].isLetter()) return signCommand(m_tex[m_at++]);
        const qsizetype from = m_at;
        while (!atEnd() && m_tex[m_at].isLetter() && m_tex[m_at].unicode() < 128) ++m_at;
        const QString name = m_tex.mid(from, m_at - from);
        if (const FormulaSign* sign = formulaSign(name)) return signOf(*sign);
        if (name == QLatin1String("frac") || name == QLatin1String("dfrac") || name == QLatin1String("tfrac") ||
            name == QLatin1String("cfrac"))
            return fraction();
        if (name == QLatin1String("sqrt")) return root();
        if (name == QLatin1String("left") || name == QLatin1String("right") || name == QLatin1String("middle"))
            return delimiter(name == QLatin1String("left"));
        if (isFormulaText(name)) return {asEntities(rawArgument())};
        if (name == QLatin1String("mathbf") || name == QLatin1String("boldsymbol") || name == QLatin1String("bm"))
            return {"<b>" + argument().html + "</b>"};
        if (name == QLatin1String("mathbb")) return {doubleStruck(rawArgument())};
        if (name == QLatin1String("boxed") || name == QLatin1String("mathcal") || name == QLatin1String("mathit") ||
            name == QLatin1String("mathstrut"))
            return argument();
        if (const QChar accent = formulaAccent(name); !accent.isNull()) return accented(accent);
        if (name == QLatin1String("begin") || name == QLatin1String("end")) return environment(name);
        throw Unknown();
    }

    Piece signCommand(QChar sign) {
        if (sign == '\\') {
            if (!m_lines || m_depth != 1) throw Unknown();
            m_afterOperand = false;
            return {QStringLiteral("<br>")};
        }
        if (QStringView(u",:; ").contains(sign)) return {QStringLiteral(" "), false, 0};
        if (sign == '!') return {};
        if (sign == '|') return {QString(QChar(0x2016))};
        if (!QStringView(u"%$&#_{}").contains(sign)) throw Unknown();
        m_afterOperand = sign != '{';
        return {asEntities(sign)};
    }

    Piece signOf(const FormulaSign& sign) {
        switch (sign.kind) {
        case FormulaSign::Kind::Letter:
            m_afterOperand = true;
            return {sign.text};
        case FormulaSign::Kind::Binary:
            return binary(sign.text);
        case FormulaSign::Kind::Relation:
            return relation(asEntities(sign.text));
        case FormulaSign::Kind::Function: { // "sin x", "sin(x)"
            m_afterOperand = false;
            skipSpaces();
            const bool close =
                atEnd() || QStringView(u"(^_}{").contains(peek()) || QStringView(m_tex).mid(m_at).startsWith(u"\\left");
            return {close ? sign.text : sign.text + ' '};
        }
        case FormulaSign::Kind::Skipped:
            return {};
        }
        return {};
    }

    Piece fraction() {
        const Piece above = argument();
        const Piece below = argument();
        return {above.inBrackets() + "&#47;" + (below.isOne() ? below.html : '(' + below.html + ')'), true};
    }

    Piece root() {
        skipSpaces();
        QString degree;
        if (peek() == '[') {
            const qsizetype end = m_tex.indexOf(']', m_at);
            if (end < 0) throw Unknown();
            degree = m_tex.mid(m_at + 1, end - m_at - 1).trimmed();
            for (const QChar letter : degree)
                if (!letter.isLetterOrNumber()) throw Unknown();
            m_at = end + 1;
        }
        const Piece inside = argument();
        const QString content = inside.isOne() ? inside.html : '(' + inside.html + ')';
        return {(degree.isEmpty() ? QString() : "<sup>" + degree + "</sup>") + QChar(0x221a) + content};
    }

    /// Behind \left and \right: a bracket, or "." for none.
    Piece delimiter(bool opens) {
        skipSpaces();
        if (atEnd()) throw Unknown();
        Piece bracket;
        if (peek() == '.') {
            ++m_at;
        } else {
            bracket = item();
        }
        m_afterOperand = !opens;
        return bracket;
    }

    Piece accented(QChar accent) {
        const Piece inside = argument();
        if (!inside.isOne()) throw Unknown(); // a line above more than a letter
        QString html = inside.html;
        return {html.insert(html.startsWith('<') ? 4 : 1, accent)};
    }

    static QString doubleStruck(const QString& name) {
        static const QString plain = QStringLiteral("CHNPQRZ"), struck = QStringLiteral("ℂℍℕℙℚℝℤ");
        QString text;
        for (const QChar letter : name) {
            const qsizetype at = plain.indexOf(letter);
            if (at < 0) throw Unknown();
            text += struck[at];
        }
        return text;
    }

    /// Those of which the lines are shown one below the other.
    Piece environment(const QString& name) {
        QString kind = rawArgument();
        if (kind.endsWith('*')) kind.chop(1);
        const bool known = kind == QLatin1String("align") || kind == QLatin1String("aligned") ||
                           kind == QLatin1String("gather") || kind == QLatin1String("gathered") ||
                           kind == QLatin1String("equation") || kind == QLatin1String("split");
        const bool cases = kind == QLatin1String("cases");
        if (!m_lines || !(known || cases)) throw Unknown();
        m_afterOperand = false;
        return {cases && name == QLatin1String("begin") ? QStringLiteral("{<br>") : QString()};
    }

    const QString& m_tex;
    bool m_lines;
    qsizetype m_at = 0;
    int m_depth = 0;
    bool m_afterOperand = false; // so that a minus is one between two
};

} // namespace

QString asEntities(const QString& text) {
    QString safe;
    for (const QChar letter : text) {
        const bool special = letter.unicode() < 128 && (letter.isPunct() || letter.isSymbol());
        safe += special ? QStringLiteral("&#%1;").arg(letter.unicode()) : QString(letter);
    }
    return safe;
}

std::optional<QString> formulaAsRichText(const QString& tex, bool lines) {
    if (tex.trimmed().isEmpty() || tex.size() > kMostCharacters) return {};
    try {
        QString html = Reader(tex, lines).all().trimmed();
        html.replace(QLatin1String("  "), QLatin1String(" "));
        if (html.isEmpty()) return {};
        return html;
    } catch (const Unknown&) {
        return {};
    }
}

} // namespace nibble::gui
