// The text of a PDF file, spreadsheet or document, read by a process of its own (nibble-reader): files come from
// anywhere, and what reads them may fall over, or never end.
#pragma once

#include <QObject>
#include <QProcess>
#include <QTimer>

namespace nibble::gui {

class DocumentReader : public QObject {
    Q_OBJECT

public:
    /// The file is one of those that nibble-reader reads, by its first bytes.
    static bool isDocument(const QString& path);

    /// Starts reading. Deleted before it has ended, it ends the process.
    DocumentReader(const QString& path, int mostCharacters, QObject* parent);
    ~DocumentReader() override;

    /// From now on; half a minute from the start otherwise.
    void setTimeout(int ms);

signals:
    /// One of the two, once. `note`: what is missing, in plain words; mostly empty.
    void finished(const QString& text, const QString& note);
    void failed(const QString& problem);

private:
    void ended(int code, QProcess::ExitStatus status);
    void fail(const QString& problem);
    QString problemOf(const QString& kind) const;

    QString m_name;
    QProcess m_process;
    QTimer m_timer;
};

} // namespace nibble::gui
