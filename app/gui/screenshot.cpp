#include "screenshot.h"

#include <QCoreApplication>
#include <QImage>
#include <QQuickWindow>
#include <QTimer>
#include <memory>

namespace nibble::gui {

namespace {
constexpr int kTickMs = 50;
constexpr int kQuietTicks = 12;      // long enough for the last small animation
constexpr int kPatienceTicks = 2400; // two minutes
} // namespace

void saveWhenSettled(App& app, QQmlApplicationEngine& engine, const QString& file) {
    auto* window = qobject_cast<QQuickWindow*>(engine.rootObjects().value(0));
    auto* timer = new QTimer(window);
    QObject::connect(timer, &QTimer::timeout, window, [&app, window, timer, file, quiet = 0, ticks = 0]() mutable {
        quiet = app.engine()->pending() == 0 ? quiet + 1 : 0;
        if (quiet < kQuietTicks && ++ticks < kPatienceTicks) return;
        timer->stop();
        const bool saved = window->grabWindow().save(file);
        if (!saved) qWarning("The screenshot %s could not be written.", qUtf8Printable(file));
        QCoreApplication::exit(saved ? 0 : 1);
    });
    timer->start(kTickMs);
}

} // namespace nibble::gui
