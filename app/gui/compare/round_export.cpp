#include "round_export.h"

#include "components/text_file.h"
#include "round_list.h"
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocale>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(RoundExport)
};

const char* nameOf(Vote vote) {
    switch (vote) {
    case Vote::Original:
        return "original";
    case Vote::Smaller:
        return "smaller";
    case Vote::NoDifference:
        return "no-difference";
    case Vote::BothBad:
        return "both-bad";
    case Vote::None:
        break;
    }
    return "";
}

/// Every line as a quotation: whatever an answer contains, it stays inside.
QString quoted(const QString& text) {
    return QStringLiteral("> ") + QString(text).replace('\n', QLatin1String("\n> "));
}

} // namespace

QString roundsAsMarkdown(const QList<CompareRound>& rounds, const VoteResult& result) {
    QString text = QStringLiteral("# %1\n\n").arg(Words::tr("Comparison of two models"));
    if (!rounds.isEmpty())
        text += QStringLiteral("- %1\n- %2\n\n").arg(rounds.first().originalName, rounds.first().smallerName);
    if (result.votes() > 0) text += QStringLiteral("**%1** %2\n\n").arg(result.headline, result.detail);
    for (auto round = rounds.crbegin(); round != rounds.crend(); ++round) { // in the order they were asked
        text += QStringLiteral("## %1\n\n").arg(QString(round->pair.prompt).simplified());
        text += QLocale().toString(round->asked, QLocale::ShortFormat) + QStringLiteral("\n\n");
        for (const bool ofOriginal : {true, false}) {
            text += QStringLiteral("**%1**").arg(ofOriginal ? round->originalName : round->smallerName);
            const QString facts = factsOf(round->pair, ofOriginal);
            text += (facts.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(facts)) + QStringLiteral("\n\n");
            text += quoted(round->pair.said(ofOriginal)) + QStringLiteral("\n\n");
        }
        text += differenceInWords(*round) + QStringLiteral("\n\n");
        const QString judged = judgedInWords(*round);
        if (!judged.isEmpty())
            text += (round->blind ? Words::tr("Judged blind: %1").arg(judged) : judged) + QStringLiteral("\n\n");
    }
    return text;
}

QByteArray roundsAsJson(const QList<CompareRound>& rounds, const VoteResult& result) {
    QJsonArray list;
    for (auto round = rounds.crbegin(); round != rounds.crend(); ++round) {
        QJsonObject json = round->pair.toJson();
        json["asked"] = round->asked.toString(Qt::ISODate);
        json["originalModel"] = round->originalName;
        json["smallerModel"] = round->smallerName;
        json["blind"] = round->blind;
        json["originalWasA"] = round->originalIsA;
        json["vote"] = nameOf(round->vote);
        list.append(json);
    }
    const QJsonObject votes{{"original", result.original},
                            {"smaller", result.smaller},
                            {"noDifference", result.noDifference},
                            {"bothBad", result.bothBad},
                            {"signTest", signTest(result.original, result.original + result.smaller)},
                            {"inWords", result.headline}};
    return QJsonDocument(QJsonObject{{"votes", votes}, {"rounds", list}}).toJson();
}

QString saveRounds(const QString& path, const QList<CompareRound>& rounds, const VoteResult& result) {
    const bool json = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    return saveFile(path, json ? roundsAsJson(rounds, result) : roundsAsMarkdown(rounds, result).toUtf8());
}

} // namespace nibble::gui
