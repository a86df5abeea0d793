// Every page at the smallest size that is promised, 1024 x 640: nothing is cut or covered, from left to right and from
// right to left, where it is its mirror image; and with reduced motion nothing moves.
#include "support.h"
#include "theme/appearance.h"
#include "welcome/welcome_controller.h"

#include <QAccessible>
#include <QSettings>
#include <cmath>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

const QString kModel = "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct";

/// The part of an item that can be seen, in the window: without what lies outside of areas that scroll.
QRectF seenOf(QQuickItem* item) {
    // A text's own rectangle: where the words stand in it depends on the direction in which they are written.
    QRectF seen = item->mapRectToScene(QRectF(0, 0, item->width(), item->height()));
    for (QQuickItem* up = item->parentItem(); up; up = up->parentItem())
        if (up->clip()) seen &= up->mapRectToScene(up->boundingRect());
    return seen;
}

bool isControl(QQuickItem* item) {
    return item->isEnabled() && (item->activeFocusOnTab() || (item->property("focusPolicy").toInt() & Qt::TabFocus));
}

QString nameOf(QQuickItem* item) {
    QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item);
    const QString name = face ? face->text(QAccessible::Name) : QString();
    return name.isEmpty() ? item->property("text").toString() + item->property("name").toString() : name;
}

struct Placed {
    QQuickItem* item;
    QRectF place;
    QString name;
};

/// The controls, texts and icons in sight, in the order of the tree.
QList<Placed> placedOn(DemoWindow& demo) {
    QList<Placed> placed;
    visit(demo.window->contentItem(), [&](QQuickItem* item) {
        const bool text = item->inherits("QQuickText") && !item->property("text").toString().isEmpty();
        if (!text && !isControl(item) && !qobject_cast<Icon*>(item)) return;
        const QRectF seen = seenOf(item);
        if (seen.width() >= 1 && seen.height() >= 1) placed.append({item, seen, nameOf(item)});
    });
    return placed;
}

std::string namesOf(const QList<Placed>& placed) {
    QStringList names;
    for (const Placed& one : placed) names += one.name;
    return names.join('\n').toStdString();
}

void expectInside(const QList<Placed>& placed, const QSizeF& window, const QString& where) {
    EXPECT_GT(placed.size(), 5) << qPrintable(where);
    for (const Placed& one : placed) {
        const QRectF whole = one.item->mapRectToScene(one.item->boundingRect());
        EXPECT_GE(whole.left(), -1) << qPrintable(where) << ": " << qPrintable(one.name);
        EXPECT_LE(whole.right(), window.width() + 1) << qPrintable(where) << ": " << qPrintable(one.name);
    }
    for (const Placed& one : placed)
        for (const Placed& other : placed) {
            if (one.item >= other.item || !isControl(one.item) || !isControl(other.item)) continue;
            if (one.item->isAncestorOf(other.item) || other.item->isAncestorOf(one.item)) continue;
            const QRectF both = one.place & other.place;
            EXPECT_FALSE(both.width() > 2 && both.height() > 2)
                << qPrintable(where) << ": " << qPrintable(one.name) << " covers " << qPrintable(other.name);
        }
}

/// Calls `look` on every page, and on every step of the welcome.
void onEveryPage(DemoWindow& demo, const std::function<void(const QString&)>& look) {
    for (const QString& page : demo.pages()) {
        demo.app->go(page, {{"model", kModel}});
        demo.settle();
        ASSERT_TRUE(demo.page()) << qPrintable(page);
        auto* welcome = demo.page()->property("controller").value<WelcomeController*>();
        for (int step = 0; step < (welcome ? 3 : 1); ++step) {
            if (step == 2) welcome->choose(kModel);
            if (welcome) welcome->setStep(WelcomeController::Step(step));
            demo.settle();
            look(page + (welcome ? QStringLiteral(" %1").arg(step) : QString()));
        }
    }
}

struct EveryScale : testing::TestWithParam<double> {
    void TearDown() override { QGuiApplication::setLayoutDirection(Qt::LeftToRight); }
};

TEST_P(EveryScale, FromRightToLeftEveryPageIsItsMirrorImage) {
    QSettings().clear();
    takeWarnings();
    DemoWindow demo("light", GetParam());
    demo.window->resize(1024, 640);
    onEveryPage(demo, [](const QString&) {}); // what has the focus is scrolled into sight the first time
    QHash<QString, QList<Placed>> before;
    onEveryPage(demo, [&](const QString& where) {
        before[where] = placedOn(demo);
        expectInside(before[where], demo.window->size(), where);
    });
    QGuiApplication::setLayoutDirection(Qt::RightToLeft);
    onEveryPage(demo, [&](const QString& where) {
        EXPECT_EQ(takeWarnings(), QStringList()) << qPrintable(where);
        const QList<Placed> now = placedOn(demo);
        expectInside(now, demo.window->size(), where + " mirrored");
        ASSERT_EQ(namesOf(now), namesOf(before[where])) << qPrintable(where);
        for (qsizetype i = 0; i < now.size(); ++i) {
            EXPECT_NEAR(now[i].place.left(), demo.window->width() - before[where][i].place.right(), 3)
                << qPrintable(where) << ": " << qPrintable(now[i].name) << ' '
                << now[i].item->metaObject()->className();
        }
    });
    QSettings().clear();
}

INSTANTIATE_TEST_SUITE_P(Layout, EveryScale, testing::Values(1.0, 2.0));

QStringList moving(QObject* below) {
    QStringList names;
    const QList<QObject*> all = below->findChildren<QObject*>();
    for (QObject* one : all)
        if (one->inherits("QQuickAbstractAnimation") && one->property("running").toBool())
            names += one->metaObject()->className();
    return names;
}

TEST(Layout, WithReducedMotionNothingMoves) {
    QSettings().clear();
    for (const bool calm : {false, true}) {
        QSettings().setValue("appearance/motion", int(calm ? Appearance::Motion::Reduced : Appearance::Motion::Full));
        DemoWindow demo;
        demo.engine->script(protocol::kQuantize, FakeAnswer{.held = true});
        demo.engine->script(protocol::kChat, FakeAnswer{.held = true});
        QStringList moved;
        const auto look = [&] { visit(demo.window->contentItem(), [&](QQuickItem* item) { moved += moving(item); }); };
        onEveryPage(demo, [&](const QString&) { look(); });
        demo.app->go("chat", {{"model", kModel}, {"ask", "Hello"}});
        ASSERT_TRUE(waitFor([&] { return demo.engine->count(protocol::kChat) == 1; }));
        QTest::qWait(100);
        look(); // an answer is waited for
        const qsizetype whileWriting = moved.size();
        demo.app->go("smaller", {{"model", kModel}});
        auto* smaller = demo.page()->property("controller").value<QObject*>();
        ASSERT_TRUE(waitFor([&] { return smaller->property("canStart").toBool(); }));
        ASSERT_TRUE(QMetaObject::invokeMethod(smaller, "start"));
        ASSERT_TRUE(waitFor([&] { return demo.engine->count(protocol::kQuantize) == 1; }));
        QTest::qWait(100);
        look(); // nobody knows yet how far a job is
        if (calm) {
            EXPECT_EQ(moved, QStringList());
        } else {
            EXPECT_GT(whileWriting, 0) << "this test sees what moves";
            EXPECT_GT(moved.size(), whileWriting);
        }
    }
    QSettings().clear();
}

TEST(Layout, TheSystemsSettingForMotionIsFollowed) {
    QSettings().clear();
    const QString folder = qEnvironmentVariable("XDG_CONFIG_HOME");
    QFile settings(folder + "/kdeglobals");
    ASSERT_TRUE(settings.open(QIODevice::WriteOnly));
    settings.write("[KDE]\nAnimationDurationFactor=0\n");
    settings.close();
    EXPECT_TRUE(Appearance().calm());
    QSettings().setValue("appearance/motion", int(Appearance::Motion::Full));
    EXPECT_FALSE(Appearance().calm());
    QSettings().clear();
    ASSERT_TRUE(settings.remove());
    EXPECT_FALSE(Appearance().calm());
}

} // namespace
} // namespace nibble::gui::test
