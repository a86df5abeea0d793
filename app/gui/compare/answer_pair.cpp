#include "answer_pair.h"

#include "chat/markdown_blocks.h"
#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(AnswerPair)
};

constexpr QChar kSign(0x2260); // "≠"

QString percent(double chance) {
    const long whole = std::lround(100 * chance);
    if (whole == 0) return Words::tr("less than 1 %");
    return whole >= 100 && chance < 1 ? Words::tr("over 99 %") : Words::tr("%1 %").arg(whole);
}

} // namespace

AnswerPair AnswerPair::fromJson(const QJsonObject& json) {
    AnswerPair pair;
    pair.prompt = json["prompt"].toString();
    pair.original = json["original"].toString();
    pair.smaller = json["smaller"].toString();
    pair.identical = json["identical"].toBool();
    pair.sameWords = json["sameWords"].toInt();
    pair.originalSpeed = json["originalSpeed"].toDouble();
    pair.smallerSpeed = json["smallerSpeed"].toDouble();
    pair.originalBytes = json["originalMemoryBytes"].toDouble();
    pair.smallerBytes = json["smallerMemoryBytes"].toDouble();
    pair.originalChance = json["originalChance"].toDouble(-1);
    pair.smallerChance = json["smallerChance"].toDouble(-1);
    pair.diff = wordDiff(pair.original, pair.smaller);
    return pair;
}

AnswerPair AnswerPair::of(const QString& first, const QString& second) {
    AnswerPair pair;
    pair.original = first;
    pair.smaller = second;
    const QList<Span> a = wordsOf(first), b = wordsOf(second);
    const auto same = [&](const Span& one, const Span& other) {
        return QStringView(first).mid(one.start, one.length) == QStringView(second).mid(other.start, other.length);
    };
    const auto [end, otherEnd] = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), same);
    pair.sameWords = int(end - a.begin());
    pair.identical = end == a.end() && otherEnd == b.end();
    pair.diff = wordDiff(first, second);
    return pair;
}

QJsonObject AnswerPair::toJson() const {
    return {{"prompt", prompt},
            {"original", original},
            {"smaller", smaller},
            {"identical", identical},
            {"sameWords", sameWords},
            {"originalSpeed", originalSpeed},
            {"smallerSpeed", smallerSpeed},
            {"originalMemoryBytes", originalBytes},
            {"smallerMemoryBytes", smallerBytes},
            {"originalChance", originalChance},
            {"smallerChance", smallerChance}};
}

QString AnswerPair::thoughts(bool ofOriginal) const { return answerParts(answer(ofOriginal)).thoughts; }

QString AnswerPair::said(bool ofOriginal) const { return answerParts(answer(ofOriginal)).answer; }

qsizetype AnswerPair::saidFrom(bool ofOriginal) const {
    const QString rest = said(ofOriginal); // it stands at the end, but for spaces
    return rest.isEmpty() ? answer(ofOriginal).size() : answer(ofOriginal).lastIndexOf(rest);
}

QString AnswerPair::firstChange(bool ofOriginal) const {
    if (identical) return {};
    const QList<Span> words = wordsOf(answer(ofOriginal));
    if (sameWords < 0 || sameWords >= words.size()) return {};
    return answer(ofOriginal).mid(words[sameWords].start, words[sameWords].length);
}

QString AnswerPair::sentence() const {
    if (identical) return Words::tr("Both answers are the same, word for word.");
    QString text = sameWords == 0 ? Words::tr("The answers differ from the first word.")
                   : sameWords == 1
                       ? Words::tr("The first word is the same.") // Qt chooses plurals only in translations
                       : Words::tr("The first %1 words are the same.").arg(sameWords);
    const QList<Span> words = wordsOf(original);
    if (sameWords >= 0 && sameWords < words.size() && words[sameWords].start < saidFrom(true))
        return text + ' ' + Words::tr("They part in what the models thought before their answers.");
    if (partWays() && sameWords > 0) text += ' ' + Words::tr("From there on they go separate ways.");
    return text;
}

QString AnswerPair::chanceSentence() const {
    if (originalChance < 0 || originalChance > 1) return {};
    QString text = Words::tr("Here the original itself gave its own way %1").arg(percent(originalChance));
    if (smallerChance < 0 || smallerChance > originalChance)
        return text + Words::tr(", and hardly anything to the other.");
    text += Words::tr(" and the other %1").arg(percent(smallerChance));
    if (smallerChance > 0.6 * originalChance)
        return text + Words::tr(": nearly a coin toss, so this difference is harmless.");
    return text + '.';
}

QString AnswerPair::marked(bool ofOriginal, const QString& color) const {
    const QString& text = answer(ofOriginal);
    QList<Span> runs = ofOriginal ? diff.first : diff.second;
    if (partWays()) {
        const QList<Span> words = wordsOf(text);
        runs = !identical && sameWords < words.size() ? QList<Span>{words[sameWords]} : QList<Span>();
    }
    QString rich;
    qsizetype done = saidFrom(ofOriginal);
    for (const Span& run : runs) {
        if (run.start < done) continue; // in the thoughts
        rich += text.mid(done, run.start - done).toHtmlEscaped();
        rich += QStringLiteral("<u><font color=\"%1\">%2%3</font></u>")
                    .arg(color, QString(kSign), text.mid(run.start, run.length).toHtmlEscaped());
        done = run.start + run.length;
    }
    rich += text.mid(done).toHtmlEscaped();
    return QStringLiteral("<span style=\"white-space: pre-wrap\">%1</span>").arg(rich);
}

} // namespace nibble::gui
