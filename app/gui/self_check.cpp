#include "engine/process_engine.h"
#include "options.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QLibraryInfo>
#include <QPluginLoader>
#include <cstdio>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

bool report(bool good, const QString& what, const QString& why = {}) {
    std::printf("%s  %s%s\n", good ? "ok     " : "MISSING", qUtf8Printable(what),
                why.isEmpty() ? "" : qUtf8Printable(": " + why));
    return good;
}

/// Loading a plugin shows which system libraries it lacks, before Qt gives up with less helpful words.
bool checkPlugin(const QString& relative, const QString& what) {
    QPluginLoader loader(QLibraryInfo::path(QLibraryInfo::PluginsPath) + '/' + relative);
    const bool good = loader.load();
    return report(good, what, good ? QString() : loader.errorString());
}

bool checkEngine() {
    const QString program = findEngineProgram();
    if (program.isEmpty()) {
        return report(false, "the engine", "nibble-cli is neither beside nibble, nor in ../libexec, nor on the PATH");
    }
    QProcess process;
    process.start(program, {"engine"});
    process.closeWriteChannel();
    if (!process.waitForFinished(20000)) return report(false, "the engine", program + " does not answer");
    const QJsonObject hello = QJsonDocument::fromJson(process.readAllStandardOutput().split('\n').value(0)).object();
    const bool good = hello["protocol"].toInt() == protocol::kVersion;
    return report(good, "the engine, " + program + ", version " + hello["version"].toString(),
                  good ? QString() : QStringLiteral("it is not the version that belongs to this window"));
}

/// Not needed for a start: without it, only text files go with a question.
void checkReader() {
    const QString program = findProgram(QStringLiteral("nibble-reader"), "NIBBLE_READER");
    QProcess process;
    process.start(program, {"--check"});
    const bool runs = process.waitForFinished(20000) && process.exitCode() == 0;
    const bool pdf = process.readAllStandardOutput().contains("PDF");
    report(runs && pdf, "reading PDF files and spreadsheets",
           runs ? (pdf ? QString() : QStringLiteral("PDF files cannot be read, it was built without Qt PDF"))
                : "nibble-reader does not start. " + QString::fromLocal8Bit(process.readAllStandardError()).trimmed());
}

} // namespace

int selfCheck() {
    std::printf("Nibble %s with Qt %s\n", qUtf8Printable(QCoreApplication::applicationVersion()), qVersion());
    bool good = checkEngine();
    const bool x11 = checkPlugin("platforms/libqxcb.so", "windows on X11");
    const bool wayland = qEnvironmentVariableIsSet("WAYLAND_DISPLAY") &&
                         checkPlugin("platforms/libqwayland-generic.so", "windows on Wayland");
    good &= x11 || wayland;
    good &= checkPlugin("sqldrivers/libqsqlite.so", "saving chats (SQLite)");
    good &= checkPlugin("imageformats/libqsvg.so", "pictures (SVG)");
    checkReader();
    std::printf("%s\n", good ? "Everything is there." : "Something is missing. Install the packages named above.");
    return good ? 0 : 1;
}

} // namespace nibble::gui
