#include "engine_words.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QLocale>
#include <QRegularExpression>
#include <QSet>

namespace nibble::gui {

namespace {

// %1, %2, ... stand for figures and names. A sentence that is not here stays English.
constexpr const char* kSentences[] = {
    // Does it fit? (core/run/estimate.cpp)
    QT_TRANSLATE_NOOP("Engine", "Fits, with %1 to spare"),
    QT_TRANSLATE_NOOP("Engine", "Fits on the graphics card, with %1 to spare"),
    QT_TRANSLATE_NOOP("Engine", "Fits, %1 of %2 layers on the graphics card, with %3 to spare"),
    QT_TRANSLATE_NOOP("Engine", "Just fits, with %1 to spare: close other programs first"),
    QT_TRANSLATE_NOOP("Engine", "Just fits on the graphics card, with %1 to spare: close other programs first"),
    QT_TRANSLATE_NOOP("Engine",
                      "Just fits, %1 of %2 layers on the graphics card, with %3 to spare: close other programs first"),
    QT_TRANSLATE_NOOP("Engine", "Does not fit: %1 of memory are missing"),
    QT_TRANSLATE_NOOP("Engine", "Does not fit: %1 of the graphics card's memory are missing"),
    // Offline packs (core/library/pack.cpp)
    QT_TRANSLATE_NOOP("Engine", "This folder is not a pack of models."),
    QT_TRANSLATE_NOOP("Engine", "Choose the folder of the pack."),
    QT_TRANSLATE_NOOP("Engine", "The manifest of this pack makes no sense."),
    QT_TRANSLATE_NOOP("Engine", "Ask whoever made the pack for a new copy."),
    QT_TRANSLATE_NOOP("Engine", "%1 has another size than the pack says."),
    QT_TRANSLATE_NOOP("Engine", "%1 is not the file that the pack says: its checksum is wrong."),
    QT_TRANSLATE_NOOP("Engine", "This pack was made by a newer Nibble."),
    // Downloads (core/library)
    QT_TRANSLATE_NOOP("Engine", "This is not the name of a model on a hub: %1"),
    QT_TRANSLATE_NOOP("Engine", "Write it like owner/model, for example %1, or paste the link to its page."),
    QT_TRANSLATE_NOOP("Engine", "The hub names a file in a way that is not allowed: %1"),
    QT_TRANSLATE_NOOP("Engine", "Nothing was downloaded. Choose another model, or tell the hub about it."),
    QT_TRANSLATE_NOOP("Engine", "The address of the hub cannot be used: %1"),
    QT_TRANSLATE_NOOP("Engine", "It has to begin with https:// (or http://127.0.0.1 on this computer)."),
    QT_TRANSLATE_NOOP("Engine", "The connection to %1 is not safe: this computer does not trust its certificate."),
    QT_TRANSLATE_NOOP("Engine", "If your office inspects encrypted traffic, ask its IT to install the office's "
                                "certificate on this computer. Check the clock of this computer, too."),
    QT_TRANSLATE_NOOP("Engine", "The proxy cannot be found."),
    QT_TRANSLATE_NOOP("Engine", "Check the proxy in the system's settings (HTTPS_PROXY)."),
    QT_TRANSLATE_NOOP("Engine", "The hub's answer leads to an address that is not allowed."),
    QT_TRANSLATE_NOOP("Engine", "Nothing was downloaded. Choose another model or hub."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The hub gives this model only to people who have signed in and agreed to its terms, or it does not exist."),
    QT_TRANSLATE_NOOP("Engine", "Check the name. If it is right, agree to the model's terms on its page and give "
                                "Nibble an access token of yours (Settings, Internet; for nibble-cli HF_TOKEN)."),
    QT_TRANSLATE_NOOP("Engine", "This is not an access token of a hub."),
    QT_TRANSLATE_NOOP("Engine", "Copy it again from the hub's settings: letters, digits and signs without spaces."),
    QT_TRANSLATE_NOOP("Engine", "The hub has nothing of this name."),
    QT_TRANSLATE_NOOP("Engine", "Check the name: owner/model, with capital letters where the hub has them."),
    QT_TRANSLATE_NOOP("Engine", "The proxy asks for a name and a password."),
    QT_TRANSLATE_NOOP("Engine", "Write them into the proxy's address: %1 (HTTPS_PROXY)."),
    QT_TRANSLATE_NOOP("Engine", "%1 refuses the request."),
    QT_TRANSLATE_NOOP("Engine", "%1 cannot be reached."),
    QT_TRANSLATE_NOOP("Engine", "Check that this computer is connected to the Internet. In an office, ask whether "
                                "programs have to use a proxy (HTTPS_PROXY)."),
    QT_TRANSLATE_NOOP("Engine", "The hub's answer makes no sense."),
    QT_TRANSLATE_NOOP("Engine", "The hub's answer is too long."),
    QT_TRANSLATE_NOOP("Engine", "Try again later."),
    QT_TRANSLATE_NOOP("Engine", "There is nothing in %1 that Nibble can open."),
    QT_TRANSLATE_NOOP("Engine", "Search for the model's name with GGUF behind it."),
    QT_TRANSLATE_NOOP("Engine", "The model has no file of this name: %1"),
    QT_TRANSLATE_NOOP("Engine", "Look at the list of its files and choose one."),
    QT_TRANSLATE_NOOP("Engine", "The disk has too little room: %1 are needed, %2 are free."),
    QT_TRANSLATE_NOOP("Engine", "Free some space, or choose another folder for models."),
    QT_TRANSLATE_NOOP("Engine", "This model is being downloaded at the moment."),
    QT_TRANSLATE_NOOP("Engine", "Wait until it is there."),
    QT_TRANSLATE_NOOP("Engine", "%1 arrived damaged: its checksum is wrong."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "It was removed. Try again; if it happens again, the file on the hub is not the one that the hub says it is."),
    QT_TRANSLATE_NOOP("Engine", "The hub sends another size than it says."),
    QT_TRANSLATE_NOOP("Engine", "Try again later, or choose another model."),
    QT_TRANSLATE_NOOP("Engine", "The connection was lost, and five tries to go on failed."),
    QT_TRANSLATE_NOOP("Engine", "What has arrived is kept. Check the network, then continue."),
    QT_TRANSLATE_NOOP("Engine", "The model cannot be put in its place."),
    // Recipes (core/quantize/recipe.cpp)
    QT_TRANSLATE_NOOP("Engine", "Almost identical"),
    QT_TRANSLATE_NOOP("Engine", "Half the size; differences are hard to find"),
    QT_TRANSLATE_NOOP("Engine", "Very close"),
    QT_TRANSLATE_NOOP("Engine", "40 % of the size"),
    QT_TRANSLATE_NOOP("Engine", "Close"),
    QT_TRANSLATE_NOOP("Engine", "One third of the size"),
    QT_TRANSLATE_NOOP("Engine", "Good balance"),
    QT_TRANSLATE_NOOP("Engine", "30 % of the size; small slips possible"),
    QT_TRANSLATE_NOOP("Engine", "Small"),
    QT_TRANSLATE_NOOP("Engine", "A quarter of the size; only if nothing else fits, expect mistakes"),
    QT_TRANSLATE_NOOP("Engine", "Emergency"),
    QT_TRANSLATE_NOOP("Engine", "20 % of the size; expect many mistakes"),
    // Devices (core/run)
    QT_TRANSLATE_NOOP("Engine", "processor"),
    QT_TRANSLATE_NOOP("Engine", "graphics card"),
    QT_TRANSLATE_NOOP("Engine", "integrated graphics"),
    QT_TRANSLATE_NOOP("Engine", "virtual graphics card"),
    QT_TRANSLATE_NOOP("Engine", "software"),
    QT_TRANSLATE_NOOP("Engine", "The graphics drivers of this computer offer no device."),
    QT_TRANSLATE_NOOP("Engine", "There is no graphics card that Nibble can use."),
    QT_TRANSLATE_NOOP("Engine", "It computes on the processor, which Nibble does faster by itself."),
    QT_TRANSLATE_NOOP("Engine", "%1 is used only where it is chosen."),
    QT_TRANSLATE_NOOP("Engine", "%1 has not been tested yet: run `nibble-cli doctor`."),
    QT_TRANSLATE_NOOP("Engine", "%1 failed its test (%2), so it is not used. A newer graphics driver may help."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 is not faster than the processor: in its test it wrote at %2 % and read at %3 % of the processor's speed."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 would have to hold all of this model (%2), which has an embedding for every layer, so the processor "
        "does the work."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 would have to hold all of this model (%2), whose layers share keys and values, so the processor does "
        "the work."),
    QT_TRANSLATE_NOOP("Engine", "%1 cannot run this model, so the processor does the work. %2"),
    QT_TRANSLATE_NOOP("Engine", "%1 computes %2 weights wrongly, so the processor does the work."),
    QT_TRANSLATE_NOOP("Engine", "%1 computes layers of experts wrongly, so the processor does the work."),
    QT_TRANSLATE_NOOP("Engine", "%1 computes recurrent layers wrongly, so the processor does the work."),
    QT_TRANSLATE_NOOP("Engine", "%1 has %2 of free memory: room for %3 of %4 layers."),
    // Stages of work
    QT_TRANSLATE_NOOP("Engine", "Testing the processor"),
    QT_TRANSLATE_NOOP("Engine", "Testing the graphics card"),
    QT_TRANSLATE_NOOP("Engine", "Loading"),
    QT_TRANSLATE_NOOP("Engine", "Reading"),
    QT_TRANSLATE_NOOP("Engine", "Checking the weights"),
    QT_TRANSLATE_NOOP("Engine", "Checking the formats"),
    QT_TRANSLATE_NOOP("Engine", "Learning what matters"),
    QT_TRANSLATE_NOOP("Engine", "Measuring what rounding costs"),
    QT_TRANSLATE_NOOP("Engine", "Trying formats"),
    QT_TRANSLATE_NOOP("Engine", "Making smaller"),
    QT_TRANSLATE_NOOP("Engine", "Converting"),
    QT_TRANSLATE_NOOP("Engine", "Comparing"),
    QT_TRANSLATE_NOOP("Engine", "Measuring layers"),
    QT_TRANSLATE_NOOP("Engine", "Writing the passport"),
    // What a comparison found (core/compare)
    QT_TRANSLATE_NOOP("Engine", "Nibble's sample text"),
    QT_TRANSLATE_NOOP("Engine", "Almost identical. %1 of 100 next words match the original (%2-%3)."),
    QT_TRANSLATE_NOOP("Engine", "Very close. %1 of 100 next words match the original (%2-%3)."),
    QT_TRANSLATE_NOOP("Engine", "Close. %1 of 100 next words match the original (%2-%3)."),
    QT_TRANSLATE_NOOP("Engine", "Noticeable. %1 of 100 next words match the original (%2-%3)."),
    QT_TRANSLATE_NOOP("Engine", "Weak. %1 of 100 next words match the original (%2-%3)."),
    QT_TRANSLATE_NOOP("Engine", "Broken. %1 of 100 next words match the original (%2-%3)."),
    // Models
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has recurrent "
                                "layers together with experts."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has latent "
                                "attention, whose keys and values are kept compressed."),
    QT_TRANSLATE_NOOP("Engine",
                      "This model is of the kind \"%1\", which Nibble cannot run yet: it has state-space layers."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has short "
                                "convolutions instead of attention in many layers."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "This model is of the kind \"%1\", which Nibble cannot run yet: it has time mixing instead of attention."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "This model is of the kind \"%1\", which Nibble cannot run yet: it has several hidden states side by side."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has experts that "
                                "every word passes beside those it chooses."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has attention and "
                                "feed-forward side by side."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has learned or "
                                "sloped positions instead of turned ones."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has layers that "
                                "look in both directions: it turns text into numbers and does not write."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet: it has parts for "
                                "images or sound that its text depends on."),
    QT_TRANSLATE_NOOP("Engine", "This model is of the kind \"%1\", which Nibble cannot run yet."),
    QT_TRANSLATE_NOOP("Engine", "It can be inspected. Nibble runs models of the kinds %1."),
    QT_TRANSLATE_NOOP("Engine", "It can be inspected and made smaller. Nibble runs models of the kinds %1."),
    QT_TRANSLATE_NOOP("Engine", "This model uses the weight format %1, which Nibble cannot read yet."),
    QT_TRANSLATE_NOOP("Engine", "This model holds %1, which Nibble cannot read yet."),
    QT_TRANSLATE_NOOP("Engine", "This model was already made smaller with %1, which is not supported yet."),
    QT_TRANSLATE_NOOP("Engine", "This model has a part that Nibble does not know, so its answers would be wrong."),
    QT_TRANSLATE_NOOP("Engine", "This file holds a vocabulary only, no weights."),
    QT_TRANSLATE_NOOP("Engine", "The model's tokenizer is damaged."),
    QT_TRANSLATE_NOOP("Engine", "This model does not say how a conversation is written down for it."),
    QT_TRANSLATE_NOOP("Engine", "Choose another version of this model."),
    QT_TRANSLATE_NOOP("Engine", "Choose another model, or a GGUF file of this one."),
    QT_TRANSLATE_NOOP("Engine", "Choose the original model, or a GGUF file of it."),
    QT_TRANSLATE_NOOP("Engine", "Use another model, or a GGUF file of this one."),
    QT_TRANSLATE_NOOP("Engine", "Use another model, or another file of this one."),
    QT_TRANSLATE_NOOP("Engine",
                      "It has no chat template: it continues text, but was perhaps not made for conversation."),
    QT_TRANSLATE_NOOP("Engine", "This model's file is incomplete."),
    QT_TRANSLATE_NOOP("Engine", "The weights of this model are missing."),
    QT_TRANSLATE_NOOP("Engine", "Nibble cannot read this model's tokenizer yet."),
    QT_TRANSLATE_NOOP("Engine", "This file lets another model see pictures; it is not a model by itself."),
    QT_TRANSLATE_NOOP("Engine", "This file holds statistics for making a model smaller; it is not a model."),
    QT_TRANSLATE_NOOP("Engine", "This file changes another model (an adapter); it is not a model by itself."),
    QT_TRANSLATE_NOOP("Engine", "This file holds a vocabulary only; it is not a model."),
    // Errors
    QT_TRANSLATE_NOOP("Engine", "Stopped."),
    QT_TRANSLATE_NOOP("Engine", "There is not enough memory for this."),
    QT_TRANSLATE_NOOP("Engine", "There is not enough memory to load this model."),
    QT_TRANSLATE_NOOP("Engine", "This model needs %1 of memory, %2 more than is free now."),
    QT_TRANSLATE_NOOP("Engine", "Close other programs, choose a shorter context or make the model smaller."),
    QT_TRANSLATE_NOOP("Engine", "A smaller model or a shorter context usually helps."),
    QT_TRANSLATE_NOOP("Engine", "The conversation is too long for the model's memory."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Start a new conversation, let the oldest messages be forgotten, or load the model with a longer context."),
    QT_TRANSLATE_NOOP("Engine", "The disk is full."),
    QT_TRANSLATE_NOOP("Engine", "Free some space, or choose another disk."),
    QT_TRANSLATE_NOOP("Engine", "%1 does not exist."),
    QT_TRANSLATE_NOOP("Engine", "%1 is not a model."),
    QT_TRANSLATE_NOOP("Engine", "%1 could not be opened."),
    QT_TRANSLATE_NOOP("Engine", "Check the path, or choose the file again."),
    QT_TRANSLATE_NOOP("Engine", "Choose another model."),
    QT_TRANSLATE_NOOP("Engine", "Choose a .gguf file, or a folder with config.json and model.safetensors."),
    QT_TRANSLATE_NOOP("Engine", "Download the model again."),
    QT_TRANSLATE_NOOP("Engine", "Download the model again or choose another one."),
    QT_TRANSLATE_NOOP("Engine", "Download the model again, with all its files."),
    QT_TRANSLATE_NOOP("Engine", "The file is damaged. Download it again."),
    QT_TRANSLATE_NOOP("Engine", "This model was already made smaller; doing it again would lose quality twice."),
    QT_TRANSLATE_NOOP("Engine", "This file is of another model, so its formats do not fit."),
    QT_TRANSLATE_NOOP("Engine", "Name a file that was made from the same model."),
    QT_TRANSLATE_NOOP("Engine", "The graphics card stopped working."),
    QT_TRANSLATE_NOOP("Engine", "The graphics card has not enough free memory."),
    QT_TRANSLATE_NOOP("Engine", "The graphics card's driver reported an error."),
    QT_TRANSLATE_NOOP("Engine", "Run the model on the processor."),
    QT_TRANSLATE_NOOP("Engine", "Something went wrong inside Nibble."),
    QT_TRANSLATE_NOOP("Engine", "Please report this as a bug."),
};

QString translated(const char* sentence) { return QCoreApplication::translate("Engine", sentence); }

/// The sentence with a gap for each %1 as an expression that finds what stands in the gaps.
QRegularExpression expressionOf(const char* sentence) {
    static const QRegularExpression gap(QStringLiteral("%\\d"));
    QString pattern;
    qsizetype from = 0;
    const QString text = QString::fromUtf8(sentence);
    for (auto gaps = gap.globalMatch(text); gaps.hasNext();) {
        const QRegularExpressionMatch match = gaps.next();
        pattern += QRegularExpression::escape(text.mid(from, match.capturedStart() - from)) + "(.+)";
        from = match.capturedEnd();
    }
    return QRegularExpression('^' + pattern + QRegularExpression::escape(text.mid(from)) + '$');
}

/// "3.1 GB" as the language writes it.
QString localFigures(QString text) {
    static const QRegularExpression point(QStringLiteral("(\\d)\\.(\\d)"));
    return text.replace(point, "\\1" + QLocale().decimalPoint() + "\\2");
}

bool isEnglish() { return translated(kSentences[0]) == QLatin1String(kSentences[0]); }

QJsonValue wordsOf(const QJsonValue& value);

QJsonObject wordsOf(QJsonObject object) {
    static const QSet<QString> forPeople{"message",           "whatToDo", "stage",     "label",
                                         "sentence",          "whyNot",   "whyNoCard", "deviceReason",
                                         "unsupportedReason", "problem",  "kind",      "textName"};
    for (auto field = object.begin(); field != object.end(); ++field) {
        if (field.value().isString()) {
            if (forPeople.contains(field.key())) field.value() = engineWords(field.value().toString());
        } else if (field.value().isObject() || field.value().isArray()) {
            field.value() = wordsOf(QJsonValue(field.value()));
        }
    }
    return object;
}

QJsonValue wordsOf(const QJsonValue& value) {
    if (value.isObject()) return wordsOf(value.toObject());
    QJsonArray array = value.toArray();
    for (qsizetype i = 0; i < array.size() && array[i].isObject(); ++i) array[i] = wordsOf(array[i].toObject());
    return array;
}

} // namespace

QString engineWords(const QString& english) {
    static const auto expressions = [] {
        QList<QRegularExpression> all;
        for (const char* sentence : kSentences) all << expressionOf(sentence);
        return all;
    }();
    for (qsizetype i = 0; i < expressions.size(); ++i) {
        const QRegularExpressionMatch match = expressions[i].match(english);
        if (!match.hasMatch()) continue;
        QString words = translated(kSentences[i]);
        for (int gap = 1; gap <= match.lastCapturedIndex(); ++gap)
            words.replace('%' + QString::number(gap), localFigures(match.captured(gap)));
        return words;
    }
    return english;
}

QJsonObject engineWords(const QJsonObject& message) { return isEnglish() ? message : wordsOf(message); }

} // namespace nibble::gui
