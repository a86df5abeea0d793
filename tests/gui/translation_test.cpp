// The window in other languages: nothing left untranslated, no figure lost, and switched while it is open.
#include "components/wording.h"
#include "engine/engine_words.h"
#include "support.h"
#include "theme/language.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QPointer>
#include <QProcess>
#include <QRegularExpression>
#include <QSettings>
#include <QTemporaryDir>
#include <QXmlStreamReader>

namespace nibble::gui::test {
namespace {

const QString kFolder = NIBBLE_SOURCE_DIR "/app/gui/i18n/";

/// %1, %2, ... of a text, sorted.
QStringList gapsOf(const QString& text) {
    static const QRegularExpression gap(QStringLiteral("%(\\d|n)"));
    QStringList gaps;
    for (auto found = gap.globalMatch(text); found.hasNext();) gaps << found.next().captured();
    gaps.sort();
    return gaps;
}

/// Calls back with source and translation; the latter is empty where it is not finished.
int eachText(const QString& file, const std::function<void(const QString&, const QString&)>& action) {
    QFile ts(file);
    EXPECT_TRUE(ts.open(QIODevice::ReadOnly)) << qPrintable(file);
    QXmlStreamReader xml(&ts);
    QString source;
    int texts = 0;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        if (xml.name() == QLatin1String("source")) source = xml.readElementText();
        if (xml.name() != QLatin1String("translation")) continue;
        const bool finished = xml.attributes().value("type").isEmpty();
        const QString translation = xml.readElementText();
        action(source, finished ? translation : QString());
        ++texts;
    }
    EXPECT_FALSE(xml.hasError()) << qPrintable(xml.errorString());
    return texts;
}

struct EveryLanguage : testing::TestWithParam<const char*> {};

TEST_P(EveryLanguage, IsTranslatedWhollyAndLosesNoFigure) {
    QTemporaryDir folder;
    const QString copy = folder.filePath(GetParam());
    ASSERT_TRUE(QFile::copy(kFolder + GetParam(), copy));
    // With the texts as they are in the sources now.
    ASSERT_EQ(QProcess::execute(LUPDATE, {"-silent", NIBBLE_SOURCE_DIR "/app/gui", "-locations", "none", "-no-obsolete",
                                          "-ts", copy}),
              0);
    const int texts = eachText(copy, [](const QString& source, const QString& translation) {
        EXPECT_FALSE(translation.isEmpty()) << "not translated: " << qPrintable(source);
        if (translation.isEmpty()) return;
        EXPECT_EQ(gapsOf(translation), gapsOf(source)) << qPrintable(source) << " -> " << qPrintable(translation);
        EXPECT_EQ(translation.startsWith(' '), source.startsWith(' ')) << qPrintable(source);
    });
    EXPECT_GT(texts, 400);
}

INSTANTIATE_TEST_SUITE_P(Translation, EveryLanguage, testing::Values("nibble_de.ts"));

struct InGerman : testing::Test {
    void SetUp() override {
        QSettings().clear();
        QSettings().setValue("appearance/language", "de");
    }
    void TearDown() override { QSettings().clear(); }
    static Language* languageOf(DemoWindow& demo) {
        return demo.qml->singletonInstance<Language*>(qmlTypeId("Nibble", 1, 0, "Language"));
    }
};

TEST_F(InGerman, TheWindowChangesItsLanguageWhileItIsOpen) {
    DemoWindow demo;
    const auto title = [&] { return demo.page()->property("title").toString(); };
    EXPECT_EQ(title(), "Modelle");
    EXPECT_EQ(demo.app->device(), "Läuft auf: Prozessor (AVX2)");
    const ModelEntry& model = demo.app->library()->models()->entries()[2];
    EXPECT_EQ(model.fitText, "Passt, 4,1 GB bleiben frei") << "the engine's words and figures, too";
    EXPECT_EQ(model.size, "8,1 GB");
    demo.app->go("settings");
    demo.settle();
    takeWarnings();
    languageOf(demo)->choose(1);
    demo.settle();
    EXPECT_EQ(title(), "Settings");
    EXPECT_EQ(demo.app->device(), "Running on processor (AVX2)");
    demo.app->go("models");
    demo.settle();
    EXPECT_EQ(title(), "Models");
    EXPECT_EQ(demo.app->library()->models()->entries()[2].fitText, "Fits, with 4.1 GB to spare");
    demo.app->go("settings");
    languageOf(demo)->choose(2);
    demo.settle();
    EXPECT_EQ(title(), "Einstellungen");
    EXPECT_EQ(takeWarnings(), QStringList());
    EXPECT_EQ(QSettings().value("appearance/language"), "de");
}

TEST_F(InGerman, APageWithWorkUnderWayStays) {
    DemoWindow demo;
    demo.engine->script("chat", FakeAnswer{.held = true});
    demo.app->go("chat", {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}, {"ask", "Hello"}});
    ASSERT_TRUE(waitFor([&] { return demo.engine->count("chat") == 1; }));
    const QPointer<QObject> chat = demo.page();
    demo.app->go("settings");
    languageOf(demo)->choose(1);
    QTest::qWait(50);
    EXPECT_TRUE(chat);
    demo.engine->release("chat");
    demo.settle();
}

TEST_F(InGerman, LongerWordsStayInSight) {
    for (const double scale : {1.0, 2.0}) {
        DemoWindow demo("light", scale);
        for (const QString& name : demo.pages()) {
            demo.app->go(name, {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}});
            demo.settle();
            visit(demo.window->contentItem(), [&](QQuickItem* item) {
                if (!item->inherits("QQuickText") || item->width() <= 0 || item->property("text").toString().isEmpty())
                    return;
                const QRectF place = item->mapRectToScene(item->boundingRect());
                EXPECT_LE(place.right(), demo.window->width() + 1)
                    << qPrintable(name) << ": " << qPrintable(item->property("text").toString());
            });
        }
        EXPECT_EQ(takeWarnings(), QStringList());
    }
}

TEST_F(InGerman, WhatTheEngineSaysIsTranslatedWithItsFiguresAndWhatAModelWroteIsNot) {
    DemoWindow demo;
    EXPECT_EQ(engineWords(QString("Just fits, with 0.3 GB to spare: close other programs first")),
              "Passt gerade noch, 0,3 GB bleiben frei: erst andere Programme schließen");
    EXPECT_EQ(engineWords(QString("Fits, 12 of 30 layers on the graphics card, with 1.5 GB to spare")),
              "Passt, 12 von 30 Schichten auf der Grafikkarte, 1,5 GB bleiben frei");
    const QString kind = "This model is of the kind \"mamba\", which Nibble cannot run yet";
    EXPECT_EQ(engineWords(kind + '.'),
              QString::fromUtf8("Dieses Modell ist von der Art „mamba“, die Nibble noch nicht rechnen kann."));
    EXPECT_TRUE(engineWords(kind + ": it has state-space layers.").endsWith("Es hat Zustandsraum-Schichten."));
    EXPECT_EQ(engineWords(QString("Something nobody has listed")), "Something nobody has listed");
    const QJsonObject message = engineWords(QJsonObject{{"text", "Close"},
                                                        {"label", "Close"},
                                                        {"verdict", "close"},
                                                        {"list", QJsonArray{QJsonObject{{"stage", "Loading"}}}}});
    EXPECT_EQ(message["text"], "Close");
    EXPECT_EQ(message["label"], "Nah");
    EXPECT_EQ(message["verdict"], "close");
    EXPECT_EQ(message["list"][0]["stage"], "Wird geladen");
    EXPECT_EQ(wording::speed(40), "Etwa 30 Wörter je Sekunde");
}

} // namespace
} // namespace nibble::gui::test
