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
    case Vote::Preferred:
        return "preferred";
    case Vote::NoDifference:
        return "no-difference";
    case Vote::AllBad:
        return "all-bad";
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

QString roundsAsMarkdown(const QList<CompareRound>& rounds, const QList<VoteResult>& results) {
    const bool two = results.size() < 2;
    QString text =
        QStringLiteral("# %1\n\n").arg(two ? Words::tr("Comparison of two models") : Words::tr("Comparison of models"));
    if (!rounds.isEmpty()) {
        for (const QString& name : rounds.first().names) text += QStringLiteral("- %1\n").arg(name);
        text += '\n';
    }
    for (const VoteResult& result : results) {
        if (result.votes() == 0) continue;
        if (!two) text += result.title + QStringLiteral("\n\n");
        text += QStringLiteral("**%1** %2\n\n").arg(result.headline, result.detail);
    }
    for (auto round = rounds.crbegin(); round != rounds.crend(); ++round) { // in the order they were asked
        text += QStringLiteral("## %1\n\n").arg(QString(round->prompt()).simplified());
        text += QLocale().toString(round->asked, QLocale::ShortFormat) + QStringLiteral("\n\n");
        for (int model = 0; model < round->models(); ++model) {
            text += QStringLiteral("**%1**").arg(round->names[model]);
            const QString facts = factsOf(*round, model);
            text += (facts.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(facts)) + QStringLiteral("\n\n");
            text += quoted(round->said(model)) + QStringLiteral("\n\n");
        }
        text += differenceInWords(*round).replace('\n', QLatin1String("\n\n")) + QStringLiteral("\n\n");
        const QString judged = judgedInWords(*round);
        if (!judged.isEmpty())
            text += (round->blind ? Words::tr("Judged blind: %1").arg(judged) : judged) + QStringLiteral("\n\n");
    }
    return text;
}

QByteArray roundsAsJson(const QList<CompareRound>& rounds, const QList<VoteResult>& results) {
    QJsonArray list, votes;
    for (auto round = rounds.crbegin(); round != rounds.crend(); ++round) {
        QJsonArray pairs, places;
        for (const AnswerPair& pair : round->pairs) pairs.append(pair.toJson());
        for (const int model : round->places) places.append(model);
        list.append(QJsonObject{{"prompt", round->prompt()},
                                {"asked", round->asked.toString(Qt::ISODate)},
                                {"models", QJsonArray::fromStringList(round->names)},
                                {"pairs", pairs},
                                {"blind", round->blind},
                                {"places", places},
                                {"vote", nameOf(round->vote)},
                                {"preferred", round->vote == Vote::Preferred ? round->names[round->preferred] : ""}});
    }
    for (const VoteResult& result : results) {
        votes.append(QJsonObject{{"models", result.title},
                                 {"original", result.original},
                                 {"smaller", result.smaller},
                                 {"noDifference", result.noDifference},
                                 {"allBad", result.allBad},
                                 {"another", result.another},
                                 {"signTest", signTest(result.original, result.original + result.smaller)},
                                 {"inWords", result.headline}});
    }
    return QJsonDocument(QJsonObject{{"votes", votes}, {"rounds", list}}).toJson();
}

QString saveRounds(const QString& path, const QList<CompareRound>& rounds, const QList<VoteResult>& results) {
    const bool json = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    return saveFile(path, json ? roundsAsJson(rounds, results) : roundsAsMarkdown(rounds, results).toUtf8());
}

} // namespace nibble::gui
