// What the tests of the window share.
#pragma once

#include "app.h"
#include "engine/fake_engine.h"
#include "theme/icon.h"
#include <QAbstractItemModel>
#include <QQmlListReference>
#include <QQuickItem>
#include <QQuickWindow>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>
#include <optional>

namespace nibble::gui::test {

/// Warnings, of QML and of our own code, since the last call.
QStringList takeWarnings();

/// Lets events happen until `condition` holds.
template<typename Condition>
bool waitFor(Condition condition, int ms = 10000) {
    return QTest::qWaitFor(condition, ms);
}

/// Waits for the end of a reply and keeps it.
struct Outcome {
    explicit Outcome(Reply* reply) {
        QObject::connect(reply, &Reply::event, &context, [this](const QString& name, const QJsonObject& data) {
            events.append({name, data});
        });
        QObject::connect(reply, &Reply::finished, &context, [this](const QJsonObject& value) { result = value; });
        QObject::connect(reply, &Reply::failed, &context, [this](const EngineError& value) { error = value; });
    }
    bool wait(int ms = 10000) {
        return waitFor([this] { return result || error; }, ms);
    }
    QObject context;
    QList<std::pair<QString, QJsonObject>> events;
    std::optional<QJsonObject> result;
    std::optional<EngineError> error;
};

/// The whole window on the scripted engine.
struct DemoWindow {
    explicit DemoWindow(const QString& theme = "light", double textScale = 1.0, bool card = false) {
        auto fake = std::make_unique<FakeEngine>();
        scriptDemo(*fake);
        if (card) scriptDemoCard(*fake);
        engine = fake.get();
        app = std::make_unique<App>(std::move(fake));
        qml = std::make_unique<QQmlApplicationEngine>();
        EXPECT_TRUE(showWindow(*qml, *app, theme, textScale));
        window = qobject_cast<QQuickWindow*>(qml->rootObjects().value(0));
        settle();
    }
    ~DemoWindow() { qml.reset(); }
    void settle() {
        EXPECT_TRUE(waitFor([this] { return engine->pending() == 0; }));
        QTest::qWait(50);
    }
    QStringList pages() const {
        QStringList names;
        const QQmlListReference table(window, "pages");
        for (qsizetype i = 0; i < table.count(); ++i) names << table.at(i)->property("name").toString();
        return names;
    }
    QObject* page() const { return window->property("currentFrame").value<QObject*>(); }

    FakeEngine* engine = nullptr;
    std::unique_ptr<App> app;
    std::unique_ptr<QQmlApplicationEngine> qml;
    QQuickWindow* window = nullptr;
};

/// Every visible item below `item`, itself included.
inline void visit(QQuickItem* item, const std::function<void(QQuickItem*)>& action) {
    if (!item->isVisible()) return;
    action(item);
    for (QQuickItem* child : item->childItems()) visit(child, action);
}

} // namespace nibble::gui::test
