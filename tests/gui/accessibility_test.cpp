// What a screen reader and the Tab key find on every page, against golden/accessibility.txt, so that a change of names,
// roles or order is seen by who makes it. NIBBLE_UPDATE_GOLDENS=1 writes the file anew.
#include "smaller/smaller_controller.h"
#include "support.h"
#include "welcome/welcome_controller.h"

#include <QAccessible>
#include <QFile>
#include <QMetaEnum>
#include <QRegularExpression>
#include <QSettings>
#include <QTextStream>

namespace nibble::gui::test {
namespace {

const QString kModel = "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct";

QString roleName(QAccessible::Role role) { return QMetaEnum::fromType<QAccessible::Role>().valueToKey(role); }

/// Roles that tell a listener nothing.
bool isVague(QAccessible::Role role) {
    return role == QAccessible::NoRole || role == QAccessible::Client || role == QAccessible::Pane ||
           role == QAccessible::Grouping;
}

QString describe(QAccessibleInterface* face) {
    const QAccessible::State state = face->state();
    QString line = roleName(face->role()) + " \"" + face->text(QAccessible::Name).simplified() + '"';
    const auto* item = qobject_cast<QQuickItem*>(face->object()); // Qt 6.4 does not say it in the state
    if (state.disabled || (item && !item->isEnabled())) line += " disabled";
    if (state.checked) line += " checked";
    if (state.selected) line += " selected";
    // This machine's disk.
    static const QRegularExpression disk(QStringLiteral("((Disk|Free on this disk): )[\\d.,]+ [kMGT]B"));
    return line.replace(disk, "\\1SIZE");
}

struct Walk {
    QStringList lines;
    QStringList faults;

    void visit(QAccessibleInterface* face, int depth) {
        if (!face || !face->isValid() || face->state().invisible) return;
        const bool named = !face->text(QAccessible::Name).isEmpty();
        // Frames around others are no news.
        const bool isNews = named || !isVague(face->role());
        if (isNews) lines << QString(2 * depth, ' ') + describe(face);
        if (face->state().focusable && (isVague(face->role()) || !named)) faults << describe(face);
        for (int i = 0; i < face->childCount(); ++i) visit(face->child(i), depth + (isNews ? 1 : 0));
    }
};

QList<QQuickItem*> controlsOf(QQuickWindow* window) {
    QList<QQuickItem*> controls;
    visit(window->contentItem(), [&](QQuickItem* item) {
        const bool byTab = item->activeFocusOnTab() || (item->property("focusPolicy").toInt() & Qt::TabFocus);
        if (item->isEnabled() && byTab) controls << item;
    });
    return controls;
}

QString nameOf(QQuickItem* item) {
    QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item);
    return face ? face->text(QAccessible::Name).simplified() : QString();
}

struct Place {
    const char* page;
    int step = 0; // of the welcome; of Make smaller: 1 is the result, with its layers
};

/// The page as text: its tree, then the controls in the order of Tab.
QString pageText(DemoWindow& demo, const Place& place) {
    demo.app->go(place.page, {{"model", kModel}});
    demo.settle();
    if (!demo.page()) {
        ADD_FAILURE() << place.page << " cannot be made";
        return {};
    }
    if (auto* welcome = demo.page()->property("controller").value<WelcomeController*>()) {
        if (place.step == 2) welcome->choose(kModel);
        welcome->setStep(WelcomeController::Step(place.step));
        demo.settle();
    }
    if (auto* smaller = demo.page()->property("controller").value<SmallerController*>(); smaller && place.step == 1) {
        smaller->start();
        demo.settle();
        smaller->measureLayers();
        demo.settle();
    }
    const QString title =
        place.step > 0 ? QStringLiteral("%1, step %2").arg(place.page).arg(place.step + 1) : QString(place.page);
    Walk walk;
    walk.visit(QAccessible::queryAccessibleInterface(demo.window), 0);
    EXPECT_EQ(walk.faults, QStringList()) << qPrintable(title) << ": controls without a name or role";

    const QList<QQuickItem*> controls = controlsOf(demo.window);
    for (QQuickItem* item : controls) {
        QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item);
        EXPECT_TRUE(face && !isVague(face->role()) && !nameOf(item).isEmpty())
            << qPrintable(title) << ": " << item->metaObject()->className() << " \"" << qPrintable(nameOf(item)) << '"';
    }
    QStringList order;
    QSet<QQuickItem*> reached;
    controls.value(0)->forceActiveFocus(Qt::TabFocusReason);
    for (int i = 0; i < 2 * controls.size(); ++i) {
        QQuickItem* item = demo.window->activeFocusItem();
        if (!item || reached.contains(item)) break;
        for (QQuickItem* up = item; up; up = up->parentItem()) reached.insert(up); // a list passes it on to its row
        order << "  " + nameOf(item);
        QTest::keyClick(demo.window, Qt::Key_Tab);
    }
    for (QQuickItem* item : controls)
        EXPECT_TRUE(reached.contains(item)) << qPrintable(title) << ": Tab misses " << qPrintable(nameOf(item));
    return "# " + title + "\n\n" + walk.lines.join('\n') + "\n\nTab:\n" + order.join('\n') + "\n\n";
}

TEST(Accessibility, EveryPageReadsAsItDid) {
    QSettings().clear();
    DemoWindow demo;
    demo.window->requestActivate();
    QString text;
    for (const QString& page : demo.pages()) {
        if (page != QLatin1String("welcome")) text += pageText(demo, {qPrintable(page)});
    }
    text += pageText(demo, {"smaller", 1});
    for (int step = 0; step < 3; ++step) text += pageText(demo, {"welcome", step});
    QSettings().clear();

    QFile golden(NIBBLE_SOURCE_DIR "/tests/gui/golden/accessibility.txt");
    if (qEnvironmentVariableIsSet("NIBBLE_UPDATE_GOLDENS")) {
        ASSERT_TRUE(golden.open(QIODevice::WriteOnly));
        golden.write(text.toUtf8());
        return;
    }
    ASSERT_TRUE(golden.open(QIODevice::ReadOnly));
    const QStringList expected = QString::fromUtf8(golden.readAll()).split('\n'), found = text.split('\n');
    for (qsizetype i = 0; i < std::max(expected.size(), found.size()); ++i) {
        ASSERT_EQ(found.value(i), expected.value(i))
            << "line " << i + 1 << " of golden/accessibility.txt; NIBBLE_UPDATE_GOLDENS=1 writes it anew";
    }
}

} // namespace
} // namespace nibble::gui::test
