#include "model_entry.h"

#include "components/wording.h"
#include "engine/device_choice.h"
#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(ModelEntry)
};

constexpr int kSmallestContext = 1024;

/// Doubling from kSmallestContext, and the most that the model can keep in mind.
QList<int> contextsUpTo(int most) {
    QList<int> all;
    for (int tokens = kSmallestContext; tokens < most; tokens *= 2) all << tokens;
    if (most > 0) all << most;
    return all;
}

/// Of a model in several files only the first is in the list.
bool isOneFile(const QString& path) {
    static const QRegularExpression part(QStringLiteral("-\\d{5}-of-\\d{5}\\.gguf$"));
    return path.endsWith(QLatin1String(".gguf")) && !part.match(path).hasMatch();
}

/// What an estimate says of the memory, as parts of a bar: everything needed, and what is left of the free memory.
QVariantList memoryParts(const QJsonObject& estimate) {
    const double spare = std::max(0.0, estimate["verdict"]["spareBytes"].toDouble());
    const double whole = estimate["totalBytes"].toDouble() + spare;
    QVariantList parts;
    const auto add = [&](const QString& label, double bytes, double strength) {
        if (!(whole > 0)) return;
        parts.append(QVariantMap{
            {"label", label}, {"text", wording::bytes(bytes)}, {"share", bytes / whole}, {"strength", strength}});
    };
    const double weights = estimate["weightBytes"].toDouble(), conversation = estimate["kvBytes"].toDouble();
    add(Words::tr("The model"), weights, 1);
    add(Words::tr("The conversation"), conversation, 0.6);
    add(Words::tr("Working space"), estimate["totalBytes"].toDouble() - weights - conversation, 0.3);
    add(Words::tr("Left over"), spare, 0);
    return parts;
}

void addFact(QVariantList& facts, const QString& label, const QString& value) {
    if (!value.isEmpty()) facts.append(QVariantMap{{"label", label}, {"value", value}});
}

/// Of a quality passport, which a file carries: whether its weights are still those, only reading them all would tell.
QString qualityOf(const QJsonObject& passport) {
    const auto percent = [&passport](const char* key) { return qRound(100 * passport[QLatin1String(key)].toDouble()); };
    return Words::tr("%1 of 100 next words as the original (%2-%3), drift %4 of 100. So says the file, which Nibble %5 "
                     "measured.")
        .arg(percent("wordAgreement"))
        .arg(percent("agreementLow"))
        .arg(percent("agreementHigh"))
        .arg(passport["drift"].toInt())
        .arg(passport["version"].toString());
}

} // namespace

ModelEntry ModelEntry::fromInfo(const QJsonObject& info) {
    ModelEntry entry;
    entry.path = info["path"].toString();
    entry.name = info["name"].toString();
    if (entry.name.isEmpty()) entry.name = QFileInfo(entry.path).fileName();
    entry.architecture = info["architecture"].toString();
    entry.license = info["license"].toString();
    entry.formatName = info["formatName"].toString();
    entry.quantized = info["quantized"].toBool();
    entry.bits = wording::bits(entry.formatName, info["bitsPerWeight"].toDouble(), entry.quantized);
    entry.bytes = info["fileBytes"].toDouble();
    entry.size = wording::bytes(entry.bytes);
    entry.runnable = info["supported"].toBool();
    entry.chats = info["hasChatTemplate"].toBool();
    entry.contexts = contextsUpTo(info["contextLength"].toInt());
    entry.trashable = info["container"].toString() == QLatin1String("gguf") && isOneFile(entry.path);
    if (!entry.runnable) {
        entry.problem = info["unsupportedReason"].toString();
        if (entry.problem.isEmpty()) entry.problem = Words::tr("Nibble cannot run this kind of model yet.");
        entry.fitShort = Words::tr("Not supported yet");
    }

    addFact(entry.facts, Words::tr("Size on disk"), entry.size);
    addFact(entry.facts, Words::tr("Precision"), Words::tr("%1, technical name %2").arg(entry.bits, entry.formatName));
    addFact(entry.facts, Words::tr("Parameters"), wording::count(info["parameters"].toDouble()));
    addFact(entry.facts, Words::tr("Kind"), entry.architecture);
    addFact(entry.facts, Words::tr("Remembers"),
            Words::tr("up to %1 tokens").arg(QLocale().toString(info["contextLength"].toInt())));
    addFact(entry.facts, Words::tr("Licence"),
            entry.license.isEmpty() ? Words::tr("not stated in the file") : entry.license);
    addFact(entry.facts, Words::tr("Container"),
            info["container"].toString() == QLatin1String("huggingface") ? Words::tr("Hugging Face folder")
                                                                         : Words::tr("GGUF file"));
    if (info["passport"].isObject()) addFact(entry.facts, Words::tr("Quality"), qualityOf(info["passport"].toObject()));
    for (const QJsonValue& warning : info["warnings"].toArray()) {
        addFact(entry.facts, Words::tr("Note"), warning.toString());
    }
    addFact(entry.facts, Words::tr("Where"), entry.path);
    return entry;
}

ModelEntry ModelEntry::broken(const QString& path, const QString& problem) {
    ModelEntry entry;
    entry.path = path;
    entry.name = QFileInfo(path).fileName();
    entry.problem = problem;
    entry.fitShort = Words::tr("Cannot be opened");
    entry.fitTone = "bad";
    addFact(entry.facts, Words::tr("Where"), path);
    return entry;
}

void ModelEntry::setEstimate(const QJsonObject& estimate) {
    const QJsonObject verdict = estimate["verdict"].toObject();
    std::tie(fitShort, fitTone) = fitWords(verdict);
    fitText = verdict["sentence"].toString();
    layers = verdict["layers"].toInt();
    layersOnCard = verdict["layersOnGpu"].toInt();
    layersAutomatic = chosenLayers(path) < 0;
    const double onCard = estimate["gpuBytes"].toDouble();
    context = estimate["contextLength"].toInt();
    memory = memoryParts(estimate);
    speed = wording::highestSpeed(estimate["forecast"]["tokensPerSecond"].toDouble());
    placement = wording::joined(
        {layersOnCard > 0 ? Words::tr("%1 of %2 layers on the graphics card: %3 there, %4 in memory.")
                                .arg(QString::number(layersOnCard), QString::number(layers), wording::bytes(onCard),
                                     wording::bytes(estimate["totalBytes"].toDouble() - onCard))
                          : Words::tr("All on the processor."),
         estimate["deviceReason"].toString(), speed.isEmpty() ? QString() : speed + '.'},
        " ");
    const QString needed = Words::tr("Memory needed"); // once, however often it is estimated
    facts.removeIf([&](const QVariant& fact) { return fact.toMap()["label"] == needed; });
    addFact(facts, needed,
            Words::tr("%1 for %2 tokens of conversation")
                .arg(wording::bytes(estimate["totalBytes"].toDouble()),
                     QLocale().toString(estimate["contextLength"].toInt())));
}

QString ModelEntry::title() const { return wording::joined({name, formatName}); }

QString ModelEntry::precision() const { return wording::joined({bits, size}); }

QString ModelEntry::summary() const {
    return bits.isEmpty() ? problem : wording::joined({bits, size, formatName, license});
}

QString ModelEntry::spoken() const { return wording::joined({name, bits, size, fitShort}, ", "); }

std::pair<QString, QString> fitWords(const QJsonObject& verdict) {
    const QString fit = verdict["fit"].toString();
    if (fit == QLatin1String("does-not-fit")) return {Words::tr("Does not fit"), "bad"};
    if (fit == QLatin1String("fits-partly")) return {Words::tr("Fits partly"), "warn"};
    if (verdict["tight"].toBool()) return {Words::tr("Just fits"), "warn"};
    return {Words::tr("Fits"), "good"};
}

} // namespace nibble::gui
