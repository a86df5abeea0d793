// What the engine cannot do is said in the window, on the page where it was asked for: what happened, what to do, one
// button that goes on, and the details to copy. (That it is killed: end_to_end_test.cpp.)
#include "support.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

const QString kModel = "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct";
const QString kSmaller = kModel + "-Q4_K_M.gguf";

/// A page, the verb that fails there, and what a user does to get that far.
struct Asked {
    const char* verb;
    std::function<void(DemoWindow&)> ask;
};

const Asked kAsked[] = {
    {protocol::kLoad,
     [](DemoWindow& demo) {
         demo.app->go("chat", {{"model", kModel}, {"ask", "Hello"}});
     }},
    {protocol::kChat,
     [](DemoWindow& demo) {
         demo.app->go("chat", {{"model", kModel}, {"ask", "Hello"}});
     }},
    {protocol::kQuantize,
     [](DemoWindow& demo) {
         demo.app->go("smaller", {{"model", kModel}});
         demo.settle();
         QMetaObject::invokeMethod(demo.page()->property("controller").value<QObject*>(), "start");
     }},
    {protocol::kAsk,
     [](DemoWindow& demo) {
         demo.app->go("compare", {{"original", kModel}, {"smaller", kSmaller}, {"ask", "Hello"}});
     }},
};

struct EveryFailure : testing::TestWithParam<const char*> {};

TEST_P(EveryFailure, IsSaidOnThePageWithOneButtonThatGoesOn) {
    const QString kind = GetParam();
    for (const Asked& asked : kAsked) {
        QSettings().clear();
        takeWarnings();
        DemoWindow demo;
        demo.window->requestActivate();
        const auto failing = std::make_shared<bool>(true);
        demo.engine->script(asked.verb, [&, failing](const QJsonObject&) {
            if (*failing) return FakeAnswer{.error = EngineError{kind, "It went wrong.", "raw " + kind, "Do this."}};
            return FakeAnswer{.result = {{"text", "Good morning."},
                                         {"hasChatTemplate", true},
                                         {"contextLength", 4096},
                                         {"output", kSmaller}}};
        });
        asked.ask(demo);
        demo.settle();
        const auto shown = [&](const char* type, const QString& text) {
            QList<QQuickItem*> found;
            visit(qobject_cast<QQuickItem*>(demo.page()), [&](QQuickItem* item) {
                const bool is = item->inherits(type) || QString(item->metaObject()->className()).startsWith(type);
                if (is && (text.isEmpty() || item->property("text") == text)) found += item;
            });
            return found;
        };
        const auto press = [&](QQuickItem* button) {
            button->forceActiveFocus();
            QTest::keyClick(demo.window, Qt::Key_Return);
            demo.settle();
        };
        ASSERT_EQ(shown("ErrorCard", "").size(), 1) << asked.verb;
        EXPECT_EQ(shown("QQuickText", "It went wrong.").size(), 1) << asked.verb;
        EXPECT_EQ(shown("QQuickText", "Do this.").size(), 1) << asked.verb;
        EXPECT_TRUE(shown("QQuickText", "raw " + kind).isEmpty()) << "details are for those who ask";
        ASSERT_EQ(shown("QQuickAbstractButton", "Details").size(), 1) << asked.verb;
        press(shown("QQuickAbstractButton", "Details")[0]);
        EXPECT_EQ(shown("QQuickText", "raw " + kind).size(), 1) << asked.verb;
        press(shown("QQuickAbstractButton", "Copy details")[0]);
        EXPECT_TRUE(QGuiApplication::clipboard()->text().contains("raw " + kind)) << asked.verb;

        const QString goOn = shown("ErrorCard", "")[0]->property("actionText").toString();
        ASSERT_EQ(shown("QQuickAbstractButton", goOn).size(), 1) << asked.verb << ": " << qPrintable(goOn);
        const int before = demo.engine->count(asked.verb);
        *failing = false;
        press(shown("QQuickAbstractButton", goOn)[0]);
        EXPECT_EQ(demo.engine->count(asked.verb), before + 1) << asked.verb;
        EXPECT_TRUE(shown("ErrorCard", "").isEmpty()) << asked.verb << ": it is over";
        EXPECT_EQ(takeWarnings(), QStringList()) << asked.verb;
    }
    QSettings().clear();
}

INSTANTIATE_TEST_SUITE_P(Window, EveryFailure, testing::Values("no-memory", "device", "bad-file"));

} // namespace
} // namespace nibble::gui::test
