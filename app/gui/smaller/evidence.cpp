#include "evidence.h"

#include <QCoreApplication>
#include <QJsonObject>
#include <algorithm>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Evidence)
};

QString withChance(const QJsonValue& word, const QJsonValue& chance) {
    return Words::tr("%1 (%2\u00a0%)").arg(word.toString()).arg(qRound(100 * chance.toDouble()));
}

QString begins(const QJsonObject& stretch) { return Words::tr("“%1 …”").arg(stretch["begins"].toString()); }

} // namespace

QVariantList momentsOf(const QJsonObject& report) {
    QVariantList moments;
    for (const QJsonValue& value : report["worstMoments"].toArray()) {
        const QJsonObject from = value.toObject();
        Moment moment;
        moment.number = int(moments.size()) + 1;
        moment.context = Words::tr("… %1 …").arg(from["context"].toString());
        moment.original = withChance(from["original"], from["originalChance"]);
        moment.smaller = withChance(from["smaller"], from["smallerChance"]);
        moment.follows = from["follows"].toString();
        moment.changed = from["original"] != from["smaller"];
        moment.spoken =
            moment.changed
                ? Words::tr("%1: after “%2” the original expects %3, the smaller model another word: %4. The "
                            "text goes on with %5.")
                : Words::tr("%1: after “%2” the original expects %3, the smaller model the same word: %4. "
                            "The text goes on with %5.");
        moment.spoken = moment.spoken.arg(moment.number)
                            .arg(from["context"].toString(), moment.original, moment.smaller, moment.follows);
        moments.append(QVariant::fromValue(moment));
    }
    return moments;
}

QVariantList driftBarsOf(const QJsonObject& report) {
    const QJsonArray stretches = report["stretches"].toArray(), moments = report["worstMoments"].toArray();
    QVariantList bars;
    for (int i = 0; i < stretches.size(); ++i) {
        const QJsonObject from = stretches[i].toObject();
        DriftBar bar;
        bar.height = std::clamp(from["drift"].toDouble() / 100, 0.0, 1.0);
        bar.begins = begins(from);
        bar.figures = Words::tr("drift %1, %2\u00a0% the same words")
                          .arg(from["drift"].toInt())
                          .arg(qRound(100 * from["agreement"].toDouble()));
        const double start = from["position"].toDouble();
        const double end = i + 1 < stretches.size() ? stretches[i + 1].toObject()["position"].toDouble() : 1e18;
        QStringList marks;
        for (int m = 0; m < moments.size(); ++m) {
            const double position = moments[m].toObject()["position"].toDouble();
            if (position >= start && position < end) marks.append(QString::number(m + 1));
        }
        bar.marks = marks.join('\n');
        if (!marks.isEmpty()) bar.figures += Words::tr(", with moment %1").arg(marks.join(", "));
        bars.append(QVariant::fromValue(bar));
    }
    return bars;
}

QString driftSummary(const QJsonObject& report) {
    const QJsonArray stretches = report["stretches"].toArray();
    if (stretches.isEmpty()) return {};
    int least = 0, most = 0;
    const auto drift = [&](int i) { return stretches[i].toObject()["drift"].toInt(); };
    for (int i = 1; i < stretches.size(); ++i) {
        if (drift(i) < drift(least)) least = i;
        if (drift(i) > drift(most)) most = i;
    }
    return Words::tr("Between %1 and %2 of 100. It is highest at %3.")
        .arg(drift(least))
        .arg(drift(most))
        .arg(begins(stretches[most].toObject()));
}

} // namespace nibble::gui
