#include "support.h"

#include <QAccessible>
#include <QSettings>
#include <QTemporaryDir>

namespace {

QStringList g_warnings;

void keepWarnings(QtMsgType type, const QMessageLogContext&, const QString& text) {
    if (type == QtDebugMsg || type == QtInfoMsg) return;
    // Qt's own, of a second window in the same process that closes during an animation: nothing of ours.
    if (text.startsWith("QUnifiedTimer::stopAnimationDriver")) return;
    g_warnings.append(text);
    std::fprintf(stderr, "%s\n", qUtf8Printable(text));
}

} // namespace

QStringList nibble::gui::test::takeWarnings() { return std::exchange(g_warnings, {}); }

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (qEnvironmentVariableIsEmpty("NIBBLE_TEST_ON_SCREEN")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        qputenv("QT_QUICK_BACKEND", "software");
    }
    qputenv("LC_ALL", "C"); // not the language of who runs them
    // Settings, chats and the like of a test stay in its own folder.
    QTemporaryDir home;
    for (const char* name : {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, home.path().toUtf8());
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, home.path());
    QCoreApplication::setOrganizationName("nibble-test");
    QCoreApplication::setApplicationName("nibble-test");
    QCoreApplication::setApplicationVersion(NIBBLE_VERSION);
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
    QGuiApplication application(argc, argv);
    qInstallMessageHandler(keepWarnings);
    QAccessible::setActive(true);
    return RUN_ALL_TESTS();
}
