// The real window on the scripted engine: every page in every look, keyboard, names for screen readers, contrast.
#include "support.h"

#include <QAccessible>
#include <QColor>
#include <QQmlComponent>
#include <QSettings>
#include <cmath>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

struct Look {
    const char* theme;
    double textScale;
    QSize size;
};

struct EveryLook : testing::TestWithParam<Look> {};

TEST_P(EveryLook, EveryPageLoadsWithoutAWarningAndKeepsItsTextInSight) {
    takeWarnings();
    DemoWindow demo(GetParam().theme, GetParam().textScale);
    demo.window->resize(GetParam().size);
    ASSERT_FALSE(demo.pages().isEmpty());
    for (const QString& name : demo.pages()) {
        demo.app->go(name);
        demo.settle();
        ASSERT_TRUE(demo.page()) << qPrintable(name);
        EXPECT_EQ(takeWarnings(), QStringList()) << qPrintable(name);
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (!item->inherits("QQuickText") || item->width() <= 0 || item->property("text").toString().isEmpty())
                return;
            const QRectF place = item->mapRectToScene(item->boundingRect());
            EXPECT_LE(place.right(), demo.window->width() + 1)
                << qPrintable(name) << ": " << qPrintable(item->property("text").toString());
        });
    }
}

INSTANTIATE_TEST_SUITE_P(Window, EveryLook,
                         testing::Values(Look{"light", 1.0, {1180, 780}}, Look{"dark", 1.0, {1180, 780}},
                                         Look{"light", 2.0, {1180, 780}}, Look{"dark", 2.0, {1600, 1000}},
                                         Look{"light", 1.0, {640, 480}}));

QString nameOf(QQuickItem* item) {
    QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item);
    return face ? face->text(QAccessible::Name) : QString();
}

bool takesFocus(QQuickItem* item) {
    return item->isEnabled() && (item->activeFocusOnTab() || (item->property("focusPolicy").toInt() & Qt::TabFocus));
}

TEST(Window, AQuestionCanBeEditedInItsPlace) {
    DemoWindow demo;
    demo.app->go("chat", {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}, {"ask", "Hello"}});
    demo.settle();
    takeWarnings();
    const auto find = [&](const char* property, const QVariant& value) {
        QQuickItem* found = nullptr;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (item->property(property) == value) found = item;
        });
        return found;
    };
    QQuickItem* question = nullptr;
    ASSERT_TRUE(waitFor([&] { return (question = find("fromUser", true)) && !question->property("busy").toBool(); }));
    question->setProperty("editing", true);
    EXPECT_TRUE(find("initialText", "Hello"));
    EXPECT_EQ(takeWarnings(), QStringList());
}

TEST(Window, EveryControlHasANameForScreenReaders) {
    DemoWindow demo;
    for (const QString& name : demo.pages()) {
        demo.app->go(name, {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}});
        demo.settle();
        int controls = 0;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (!takesFocus(item)) return;
            ++controls;
            EXPECT_FALSE(nameOf(item).isEmpty()) << qPrintable(name) << ": " << item->metaObject()->className();
        });
        EXPECT_GT(controls, 2) << qPrintable(name);
    }
}

TEST(Window, TabReachesEveryControl) {
    DemoWindow demo;
    demo.window->requestActivate();
    for (const QString& name : demo.pages()) {
        demo.app->go(name, {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}});
        demo.settle();
        QSet<QQuickItem*> wanted, reached;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (takesFocus(item)) wanted.insert(item);
        });
        for (int i = 0; i < 3 * wanted.size(); ++i) {
            QTest::keyClick(demo.window, Qt::Key_Tab);
            // A list passes the focus on to its current row.
            for (QQuickItem* item = demo.window->activeFocusItem(); item; item = item->parentItem())
                reached.insert(item);
        }
        for (QQuickItem* item : wanted) {
            EXPECT_TRUE(reached.contains(item))
                << qPrintable(name) << ": " << qPrintable(nameOf(item)) << ' ' << item->metaObject()->className();
        }
    }
}

TEST(Window, ReturnPressesWhatHasTheFocus) {
    DemoWindow demo;
    demo.window->requestActivate();
    const auto press = [&](const char* component, const char* text) {
        QQuickItem* found = nullptr;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (item->property("text") == QLatin1String(text) && item->inherits("QQuickAbstractButton")) found = item;
        });
        ASSERT_TRUE(found) << component;
        QSignalSpy clicked(found, SIGNAL(clicked()));
        found->forceActiveFocus();
        QTest::keyClick(demo.window, Qt::Key_Return);
        EXPECT_EQ(clicked.count(), 1) << component;
    };
    press("IconButton", "Look again (F5)");
    demo.settle();
    press("ActionButton", "Chat");
    EXPECT_EQ(demo.app->page(), "chat");
    press("RailItem", "Settings");
    EXPECT_EQ(demo.app->page(), "settings");
}

TEST(Window, CtrlNumberSwitchesPages) {
    DemoWindow demo;
    demo.window->requestActivate();
    QStringList pages = demo.pages();
    pages.removeAll("welcome"); // not in the rail
    pages.removeAll("download");
    pages.removeAll("pack");
    for (int i = int(pages.size()) - 1; i >= 0; --i) {
        QTest::keyClick(demo.window, Qt::Key(Qt::Key_1 + i), Qt::ControlModifier);
        EXPECT_EQ(demo.app->page(), pages[i]);
    }
}

TEST(Window, ZoomChangesTheTextAndStaysInItsRange) {
    DemoWindow demo;
    demo.window->requestActivate();
    const QFont before = demo.window->property("font").value<QFont>();
    for (int i = 0; i < 20; ++i) QTest::keyClick(demo.window, Qt::Key_Plus, Qt::ControlModifier);
    EXPECT_NEAR(demo.window->property("font").value<QFont>().pointSizeF(), 2 * before.pointSizeF(), 0.01);
    QTest::keyClick(demo.window, Qt::Key_0, Qt::ControlModifier);
    EXPECT_NEAR(demo.window->property("font").value<QFont>().pointSizeF(), before.pointSizeF(), 0.01);
}

TEST(Window, AJobSaysThatItStandsStillWhileAnAnswerIsWritten) {
    DemoWindow demo;
    const QString model = "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct";
    demo.engine->script(protocol::kQuantize, FakeAnswer{.held = true});
    demo.engine->script(protocol::kChat, FakeAnswer{.held = true});
    demo.app->go("smaller", {{"model", model}});
    demo.settle();
    ASSERT_TRUE(QMetaObject::invokeMethod(demo.page()->property("controller").value<QObject*>(), "start"));
    const auto says = [&] {
        QStringList found;
        demo.app->go("smaller");
        QTest::qWait(50);
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            const QString text = item->property("text").toString();
            if (text.contains("answer is being written")) found += text.section(' ', 0, 1);
        });
        return found.join('|');
    };
    EXPECT_EQ(says(), "You can");
    demo.app->go("chat", {{"model", model}, {"ask", "Hello"}});
    ASSERT_TRUE(waitFor([&] { return demo.engine->count(protocol::kChat) == 1; }));
    EXPECT_EQ(says(), "Standing still");
    demo.engine->release(protocol::kChat);
    EXPECT_EQ(says(), "You can");
}

TEST(Window, ACrashOfTheEngineIsSaidAndLeavesTheWindow) {
    DemoWindow demo;
    demo.engine->crash(Lane::Chat);
    EXPECT_EQ(demo.app->noticeTone(), "warn");
    demo.settle();
    EXPECT_TRUE(demo.app->notice().contains("started again"));
    demo.window->requestActivate();
    QTest::keyClick(demo.window, Qt::Key_Escape);
    EXPECT_EQ(demo.app->notice(), "");
}

TEST(Window, SaysWhatTheEngineRunsOn) {
    DemoWindow demo;
    EXPECT_EQ(demo.app->device(), "Running on processor (AVX2)");
    EXPECT_TRUE(demo.app->deviceDetail().contains("Ryzen"));
}

TEST(Window, LetsTheUserSayHowMuchLiesOnTheCard) {
    QSettings().clear();
    DemoWindow demo("light", 1.0, true);
    EXPECT_TRUE(demo.app->cardChosen());
    const auto named = [&](const char* property, const QString& start) -> QQuickItem* {
        QList<QQuickItem*> items{demo.window->contentItem()};
        for (qsizetype i = 0; i < items.size(); ++i) {
            if (items[i]->property(property).toString().startsWith(start)) return items[i];
            items += items[i]->childItems();
        }
        return nullptr;
    };
    QQuickItem *automatic = named("text", "Let Nibble choose"), *slider = named("name", "Layers on the");
    ASSERT_TRUE(automatic && slider);
    EXPECT_TRUE(automatic->isVisible());
    EXPECT_FALSE(slider->isVisible());
    const int before = demo.app->library()->selected().layersOnCard;
    EXPECT_GT(before, 1);
    automatic->forceActiveFocus();
    QTest::keyClick(demo.window, Qt::Key_Space);
    EXPECT_TRUE(slider->isVisible());
    slider->forceActiveFocus();
    QTest::keyClick(demo.window, Qt::Key_Left);
    demo.settle();
    EXPECT_EQ(demo.app->library()->selected().layersOnCard, before - 1);
    demo.app->chooseDevice(1); // the processor: nothing to choose
    EXPECT_FALSE(automatic->isVisible());
    demo.app->chooseDevice(0);
    QSettings().clear();
}

double luminance(const QColor& color) {
    const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

TEST(Theme, ContrastOfTextIsAtLeastFourAndAHalf) {
    for (const char* look : {"light", "dark"}) {
        DemoWindow demo(look);
        QQmlComponent component(demo.qml.get());
        component.setData("import QtQml\nimport Nibble\nQtObject { property QtObject theme: Theme }", {});
        const std::unique_ptr<QObject> holder(component.create());
        ASSERT_TRUE(holder) << qPrintable(component.errorString());
        auto* theme = holder->property("theme").value<QObject*>();
        ASSERT_TRUE(theme);
        const auto color = [theme](const char* name) { return theme->property(name).value<QColor>(); };
        ASSERT_EQ(theme->property("dark").toBool(), QLatin1String(look) == QLatin1String("dark"));
        for (const char* surface : {"rail", "page", "card", "raised", "accentSoft"}) {
            for (const char* text : {"text", "secondaryText", "accent"}) {
                EXPECT_GE(contrast(color(text), color(surface)), 4.5) << look << ' ' << text << " on " << surface;
            }
            EXPECT_GE(contrast(color("focus"), color(surface)), 3) << look << ' ' << surface;
            EXPECT_GE(contrast(color("fieldBorder"), color(surface)), 2.5) << look << ' ' << surface;
        }
        for (const char* tone : {"good", "warn", "bad"}) {
            for (const QByteArray& surface : {QByteArray(tone) + "Soft", QByteArray("card"), QByteArray("page")}) {
                EXPECT_GE(contrast(color(tone), color(surface)), 4.5)
                    << look << ' ' << tone << " on " << surface.constData();
            }
            EXPECT_GE(contrast(color("text"), color(QByteArray(tone) + "Soft")), 4.5) << look << ' ' << tone;
        }
        EXPECT_GE(contrast(color("accentText"), color("accent")), 4.5) << look;
        EXPECT_GE(contrast(color("accentText"), color("accentHover")), 4.5) << look;
    }
}

} // namespace
} // namespace nibble::gui::test
