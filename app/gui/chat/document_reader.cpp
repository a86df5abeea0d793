#include "document_reader.h"

#include "engine/no_network.h"
#include "engine/process_engine.h"
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>

namespace nibble::gui {

namespace {

constexpr int kTimeoutMs = 30000;
constexpr qsizetype kMostBytesOfCharacter = 6; // in JSON: "\u0001"

} // namespace

bool DocumentReader::isDocument(const QString& path) {
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) return false;
    const QByteArray start = file.read(1024);
    return start.contains("%PDF-") || start.startsWith("PK\x03\x04") || start.startsWith("\xD0\xCF\x11\xE0");
}

DocumentReader::DocumentReader(const QString& path, int mostCharacters, QObject* parent)
    : QObject(parent), m_name(QFileInfo(path).fileName()) {
    forbidNetwork(m_process);
    m_process.setStandardInputFile(path); // it opens nothing by itself
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this,
            [this] { fail(tr("%1 took too long to read. The file may be damaged or very large.").arg(m_name)); });
    connect(&m_process, &QProcess::finished, this, &DocumentReader::ended);
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            fail(tr("%1 cannot be read: the part of Nibble that reads such files (nibble-reader) is missing. Install "
                    "Nibble again.")
                     .arg(m_name));
    });
    connect(&m_process, &QProcess::readyReadStandardOutput, this, [this, mostCharacters] {
        if (m_process.bytesAvailable() > (mostCharacters + 1000) * kMostBytesOfCharacter) fail(problemOf("too-long"));
    });
    m_timer.start(kTimeoutMs);
    // Not before the caller has connected.
    m_process.setProgram(findProgram(QStringLiteral("nibble-reader"), "NIBBLE_READER"));
    m_process.setArguments({QString::number(mostCharacters)});
    QMetaObject::invokeMethod(
        this, [this] { m_process.start(); }, Qt::QueuedConnection);
}

DocumentReader::~DocumentReader() {
    m_process.disconnect(this);
    if (m_process.state() == QProcess::NotRunning) return;
    m_process.kill();
    m_process.waitForFinished(1000);
}

void DocumentReader::setTimeout(int ms) { m_timer.start(ms); }

void DocumentReader::fail(const QString& problem) {
    m_timer.stop();
    m_process.disconnect(this);
    m_process.kill();
    emit failed(problem);
}

void DocumentReader::ended(int code, QProcess::ExitStatus status) {
    const QJsonObject result = QJsonDocument::fromJson(m_process.readAllStandardOutput()).object();
    const QString error = QString::fromUtf8(m_process.readAllStandardError()).trimmed().right(300);
    if (status == QProcess::NormalExit && code != 0) { // the loader's own words name the library that is missing
        fail(tr("%1 cannot be read: the part of Nibble that reads such files does not start. %2").arg(m_name, error));
    } else if (status != QProcess::NormalExit || result.isEmpty()) {
        fail(tr("%1 could not be read: the reader fell over it. The file may be damaged.").arg(m_name));
    } else if (result.contains("error")) {
        fail(problemOf(result["error"].toString()));
    } else {
        m_timer.stop();
        const int empty = result["emptyPages"].toInt();
        emit finished(result["text"].toString(),
                      empty == 0
                          ? QString()
                          : tr("%1: %2 of %3 pages hold no text but pictures; the model will not see these.")
                                .arg(m_name, QLocale().toString(empty), QLocale().toString(result["pages"].toInt())));
    }
}

QString DocumentReader::problemOf(const QString& kind) const {
    if (kind == QLatin1String("password"))
        return tr("%1 is protected with a password. Save it without one first.").arg(m_name);
    if (kind == QLatin1String("no-text"))
        return tr("%1 holds no text. If it is a scan, its pages are pictures, and Nibble cannot read text in pictures.")
            .arg(m_name);
    if (kind == QLatin1String("old-format"))
        return tr("%1 is in an old format of Office (before 2007). Save it as .xlsx, .docx or PDF first.").arg(m_name);
    if (kind == QLatin1String("too-large")) return tr("%1 is too large to be read.").arg(m_name);
    if (kind == QLatin1String("too-long"))
        return tr("%1 holds more text than can go with a question. Save the part that matters as a file of its own.")
            .arg(m_name);
    if (kind == QLatin1String("no-pdf"))
        return tr("%1 cannot be read: this Nibble was built without Qt PDF (package qt6-pdf-dev).").arg(m_name);
    if (kind == QLatin1String("unknown"))
        return tr("%1 is of a kind that cannot be read. PDF, .xlsx, .ods, .docx, .odt and text files can.").arg(m_name);
    return tr("%1 is damaged and cannot be read.").arg(m_name);
}

} // namespace nibble::gui
