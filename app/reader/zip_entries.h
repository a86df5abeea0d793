// The files in a ZIP archive that are asked for, read with limits. Source: libarchive.
#pragma once

#include "document.h"
#include <QSet>

struct archive;

namespace nibble::reader {

class ZipEntries {
public:
    /// Reads the names; @throws ReadError where it is damaged, has too many, or is protected with a password.
    explicit ZipEntries(const QByteArray& file);

    bool contains(const QString& name) const { return m_names.contains(name); }
    /// The entry, unpacked; empty where there is none. All that one archive gives together is limited (ZIP bombs).
    QByteArray read(const QString& name);

private:
    const QByteArray& m_file;
    QSet<QString> m_names;
    qsizetype m_unpacked = 0;
};

} // namespace nibble::reader
