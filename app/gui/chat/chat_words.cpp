#include "chat_words.h"

#include <QCoreApplication>
#include <QLocale>

namespace nibble::gui {

namespace {

constexpr int kTitleLength = 60;
constexpr double kNearlyFull = 0.85;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(ChatWords)
};

} // namespace

QString titleOf(const QString& text) {
    QString title = text.simplified();
    if (title.size() > kTitleLength) title = title.left(kTitleLength - 1).trimmed() + QChar(0x2026);
    return title;
}

QJsonObject samplingOf(int style) {
    switch (style) {
    case 1:
        return {{"temperature", 0.0}};
    case 2:
        return {{"temperature", 0.7}, {"topP", 0.9}};
    case 3:
        return {{"temperature", 1.0}, {"topP", 0.95}, {"minP", 0.05}};
    default:
        return {};
    }
}

QString noteOf(const QJsonObject& result) {
    QStringList parts;
    const QString finish = result["finish"].toString();
    if (finish == QLatin1String("stopped")) parts += Words::tr("Stopped");
    if (finish == QLatin1String("max-tokens")) parts += Words::tr("Stopped: the answer reached its longest length");
    if (finish == QLatin1String("context-full"))
        parts += Words::tr("Stopped: the chat fills all the model can keep in mind");
    const int dropped = result["droppedTurns"].toInt();
    if (dropped == 1) parts += Words::tr("The oldest message was left out");
    if (dropped > 1) parts += Words::tr("The %1 oldest messages were left out").arg(dropped);
    const double seconds = result["decodeSeconds"].toDouble();
    const int tokens = result["generatedTokens"].toInt();
    if (tokens > 1 && seconds > 0)
        parts += Words::tr("%1 tokens per second").arg(QLocale().toString(tokens / seconds, 'f', 0));
    return parts.join(QStringLiteral("  ·  "));
}

QString contextInWords(int used, int length) {
    if (length <= 0) return {};
    const QString text = Words::tr("%1 of %2 tokens in mind").arg(QLocale().toString(used), QLocale().toString(length));
    return double(used) / length > kNearlyFull ? Words::tr("%1: nearly full").arg(text) : text;
}

QString whatItRunsOn(const QJsonObject& loaded) {
    const int onCard = loaded["gpuLayers"].toInt(), layers = loaded["layers"].toInt();
    if (onCard == 0) return Words::tr("Running on the processor");
    if (onCard == layers) return Words::tr("Running on the graphics card");
    return Words::tr("%1 of %2 layers on the graphics card").arg(onCard).arg(layers);
}

QStringList answerStyles() {
    return {Words::tr("The model's own style"), Words::tr("Precise"), Words::tr("Balanced"), Words::tr("Creative")};
}

} // namespace nibble::gui
