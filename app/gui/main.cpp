#include "app.h"
#include "engine/fake_engine.h"
#include "engine/process_engine.h"
#include "options.h"
#include "screenshot.h"
#include "welcome/welcome_controller.h"

#include <QDir>
#include <QGuiApplication>
#include <QIcon>
#include <QQuickWindow>
#include <algorithm>
#include <string_view>

using namespace nibble::gui;

namespace {

std::unique_ptr<EngineInterface> makeEngine(bool demo) {
    if (!demo) return std::make_unique<ProcessEngine>(findEngineProgram());
    auto fake = std::make_unique<FakeEngine>();
    scriptDemo(*fake);
    return fake;
}

/// The checks must run where no window can be opened, so before QGuiApplication.
bool wantsSelfCheck(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc, [](std::string_view argument) { return argument == "--self-check"; });
}

} // namespace

int main(int argc, char** argv) {
    QCoreApplication::setApplicationName("nibble");
    QCoreApplication::setOrganizationName("nibble");
    QCoreApplication::setApplicationVersion(NIBBLE_VERSION);
    if (wantsSelfCheck(argc, argv)) {
        QCoreApplication application(argc, argv);
        return selfCheck();
    }
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
    QGuiApplication application(argc, argv);
    QGuiApplication::setApplicationDisplayName("Nibble");
    QGuiApplication::setDesktopFileName("nibble");
    QGuiApplication::setWindowIcon(QIcon(":/icons/nibble.svg"));
    const Options options = parseOptions(QCoreApplication::arguments());
    if (options.demo) QCoreApplication::setApplicationName("nibble-demo"); // settings of its own

    App app(makeEngine(options.demo));
    // The empty Models page tells people to copy models there, so the folder has to be there.
    if (!options.demo) {
        QObject::connect(app.library(), &Library::folderChanged, &app,
                         [library = app.library()] { QDir().mkpath(library->folder()); });
    }
    QQmlApplicationEngine engine;
    if (!showWindow(engine, app, options.theme, options.textScale)) return 1;
    if (WelcomeController::isDue() && options.page.isEmpty() && options.screenshot.isEmpty()) {
        app.library()->select(options.model);
        app.go("welcome");
    } else if (!options.page.isEmpty() || !options.model.isEmpty()) {
        QVariantMap request;
        if (!options.model.isEmpty()) request[options.with.isEmpty() ? "model" : "original"] = options.model;
        if (!options.with.isEmpty()) request["smaller"] = options.with;
        if (!options.ask.isEmpty()) request["ask"] = options.ask;
        app.go(options.page.isEmpty() ? app.page() : options.page, request);
    }
    if (!options.screenshot.isEmpty()) saveWhenSettled(app, engine, options.screenshot);
    return QGuiApplication::exec();
}
