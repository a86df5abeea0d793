// Rows of cells as lines with tabs, which a model reads well and which cost few tokens.
#pragma once

#include "document.h"
#include <QStringList>

namespace nibble::reader {

/// A row as a line. Empty cells at its end are left out; so are empty rows, but one between others.
class TableText {
public:
    explicit TableText(Text& text) : m_text(text) {}

    void addRow(const QStringList& cells) {
        QString line;
        qsizetype tabs = 0;
        for (const QString& cell : cells) {
            const QString content = cell.simplified();
            if (!content.isEmpty()) {
                line += QString(std::exchange(tabs, 0), '\t') + content;
            }
            ++tabs;
        }
        if (!line.isEmpty() && m_gap) m_text.add(u"\n");
        if (!line.isEmpty()) m_text.add(QString(line + '\n'));
        m_gap = line.isEmpty() && m_any;
        m_any = m_any || !line.isEmpty();
    }
    bool isEmpty() const { return !m_any; }

private:
    Text& m_text;
    bool m_any = false, m_gap = false;
};

/// A sheet's rows under its name.
inline void addSheet(Text& text, const QString& name, const QString& rows, bool hidden = false) {
    text.add(QStringLiteral("Sheet \"%1\"%2:\n").arg(name, hidden ? QStringLiteral(" (hidden)") : QString()));
    text.add(rows);
    text.add(u"\n");
}

} // namespace nibble::reader
