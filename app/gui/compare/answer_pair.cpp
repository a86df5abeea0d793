#include "answer_pair.h"

#include <QCoreApplication>
#include <algorithm>

namespace nibble::gui {

namespace {

/// The protocol counts bytes of UTF-8; QString counts UTF-16 units.
qsizetype charactersBefore(const QString& text, qint64 byte) {
    const QByteArray utf8 = text.toUtf8();
    if (byte < 0 || byte >= utf8.size()) return -1;
    return QString::fromUtf8(utf8.first(byte)).size();
}

QString wordAt(const QString& text, qsizetype at) {
    if (at < 0) return {};
    qsizetype end = at;
    while (end < text.size() && !text[end].isSpace()) ++end;
    return text.mid(at, end - at);
}

QString tr(const char* text) { return QCoreApplication::translate("AnswerPair", text); }

QString sentenceOf(const AnswerPair& pair, int sameWords) {
    if (pair.identical) return tr("Both answers are the same, word for word.");
    if (sameWords == 0) return tr("The answers differ from the first word.");
    // Where no translation is loaded Qt does not choose plural forms.
    const QString same =
        sameWords == 1 ? tr("The first word is the same.") : tr("The first %1 words are the same.").arg(sameWords);
    return same + ' ' + tr("A different answer is not always a worse one.");
}

} // namespace

AnswerPair AnswerPair::fromJson(const QJsonObject& json) {
    AnswerPair pair;
    pair.prompt = json["prompt"].toString();
    pair.original = json["original"].toString();
    pair.smaller = json["smaller"].toString();
    pair.identical = json["identical"].toBool();
    pair.originalAt = charactersBefore(pair.original, json["differsAtOriginal"].toInteger(-1));
    pair.smallerAt = charactersBefore(pair.smaller, json["differsAtSmaller"].toInteger(-1));
    pair.originalWord = wordAt(pair.original, pair.originalAt);
    pair.smallerWord = wordAt(pair.smaller, pair.smallerAt);
    pair.sentence = sentenceOf(pair, json["sameWords"].toInt());
    return pair;
}

QString AnswerPair::marked(bool ofOriginal, const QString& color) const {
    const QString& text = ofOriginal ? original : smaller;
    const qsizetype at = ofOriginal ? originalAt : smallerAt;
    const QString& word = ofOriginal ? originalWord : smallerWord;
    const auto plain = [](const QString& part) { return part.toHtmlEscaped(); };
    QString rich = plain(text.left(at < 0 ? text.size() : at));
    if (at >= 0) {
        rich += QStringLiteral("<b><u><font color=\"%1\">%2</font></u></b>").arg(color, plain(word));
        rich += plain(text.mid(at + word.size()));
    }
    return QStringLiteral("<span style=\"white-space: pre-wrap\">%1</span>").arg(rich);
}

} // namespace nibble::gui
