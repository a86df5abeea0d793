#include "zip_entries.h"

#include <archive.h>
#include <archive_entry.h>
#include <memory>

namespace nibble::reader {

namespace {

constexpr qsizetype kMostUnpacked = 128 << 20;
constexpr int kMostEntries = 20000;

struct Closed {
    void operator()(archive* opened) const { archive_read_free(opened); }
};
using Archive = std::unique_ptr<archive, Closed>;

Archive openZip(const QByteArray& file) {
    Archive opened(archive_read_new());
    archive_read_support_format_zip(opened.get());
    if (archive_read_open_memory(opened.get(), file.constData(), std::size_t(file.size())) != ARCHIVE_OK)
        throw ReadError{"damaged", QString::fromUtf8(archive_error_string(opened.get()))};
    return opened;
}

/// False at the end.
bool next(const Archive& opened, archive_entry*& entry) {
    const int result = archive_read_next_header(opened.get(), &entry);
    if (result == ARCHIVE_EOF) return false;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
        throw ReadError{"damaged", QString::fromUtf8(archive_error_string(opened.get()))};
    return true;
}

QString nameOf(archive_entry* entry) {
    const char* name = archive_entry_pathname_utf8(entry);
    return QString::fromUtf8(name ? name : archive_entry_pathname(entry));
}

} // namespace

ZipEntries::ZipEntries(const QByteArray& file) : m_file(file) {
    const Archive opened = openZip(file);
    archive_entry* entry = nullptr;
    while (next(opened, entry)) {
        if (archive_entry_is_encrypted(entry)) throw ReadError{"password", {}};
        m_names.insert(nameOf(entry));
        if (m_names.size() > kMostEntries) throw ReadError{"too-large", {}};
    }
}

QByteArray ZipEntries::read(const QString& name) {
    if (!contains(name)) return {};
    const Archive opened = openZip(m_file);
    archive_entry* entry = nullptr;
    QByteArray content;
    while (next(opened, entry)) {
        if (nameOf(entry) != name) continue;
        char piece[65536];
        for (;;) {
            const la_ssize_t count = archive_read_data(opened.get(), piece, sizeof piece);
            if (count == 0) return content;
            if (count < 0) throw ReadError{"damaged", QString::fromUtf8(archive_error_string(opened.get()))};
            m_unpacked += count;
            if (m_unpacked > kMostUnpacked) throw ReadError{"too-large", {}};
            content.append(piece, count);
        }
    }
    return content;
}

} // namespace nibble::reader
