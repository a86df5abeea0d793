// What the readers of all kinds of files have in common. Every file is hostile: its reader throws ReadError, and
// nothing it says of itself is believed.
#pragma once

#include <QByteArray>
#include <QString>

namespace nibble::reader {

/// Why a file gives no text. `kind` is one word that the window puts in plain words (document_reader.cpp): "password",
/// "no-text", "damaged", "too-large", "too-long", "old-format", "no-pdf", "unknown".
struct ReadError {
    const char* kind;
    QString detail; // for who wants to know, in English
};

struct Document {
    QString text;
    int pages = 0;      // of a PDF file
    int emptyPages = 0; // of them, without text: pictures
};

/// Text that is collected up to a limit; beyond it, ReadError "too-long".
class Text {
public:
    explicit Text(qsizetype mostCharacters) : m_most(mostCharacters) {}
    void add(QStringView text) {
        if (text.size() > m_most - m_text.size()) throw ReadError{"too-long", {}};
        m_text += text;
    }
    const QString& text() const { return m_text; }
    qsizetype room() const { return m_most - m_text.size(); }

private:
    QString m_text;
    qsizetype m_most;
};

/// The text of a PDF, .xlsx, .ods, .docx or .odt file, told apart by what is in it.
/// @throws ReadError
Document readDocument(const QByteArray& file, qsizetype mostCharacters);

/// "Page 2 of 3" and what is on it, page after page.
Document readPdf(const QByteArray& file, qsizetype mostCharacters);

} // namespace nibble::reader
