// XML from outside: no document types (entities that grow without end), no bottomless nesting.
#pragma once

#include "document.h"
#include <QXmlStreamReader>

namespace nibble::reader {

class Xml {
public:
    explicit Xml(const QByteArray& text) : m_reader(text) {}

    /// Goes on to the next start, end or text; false at the end of the document. @throws ReadError "damaged"
    bool next() {
        while (!m_reader.atEnd()) {
            const auto token = m_reader.readNext();
            if (token == QXmlStreamReader::DTD) throw ReadError{"damaged", QStringLiteral("XML with a document type")};
            if (token == QXmlStreamReader::StartElement && ++m_depth > kMostDepth)
                throw ReadError{"damaged", QStringLiteral("XML nested too deeply")};
            if (token == QXmlStreamReader::EndElement) --m_depth;
            if (m_reader.isStartElement() || m_reader.isEndElement() || m_reader.isCharacters()) return true;
        }
        if (m_reader.hasError()) throw ReadError{"damaged", m_reader.errorString()};
        return false;
    }
    /// Whatever prefix the writer chose: a file of one kind does not use one local name for two things we read.
    bool starts(QStringView name) const { return m_reader.isStartElement() && m_reader.name() == name; }
    bool ends(QStringView name) const { return m_reader.isEndElement() && m_reader.name() == name; }
    bool isText() const { return m_reader.isCharacters(); }
    QStringView text() const { return m_reader.text(); }
    QString attribute(QStringView name) const {
        for (const QXmlStreamAttribute& one : m_reader.attributes()) {
            if (one.name() == name) return one.value().toString();
        }
        return {};
    }
    /// Behind the end of the element that has just started.
    void skip() {
        const int outside = m_depth - 1;
        while (m_depth > outside && next()) {
        }
    }
    /// All text up to the end of the element that has just started, that of elements in it, too.
    QString content() {
        QString all;
        const int outside = m_depth - 1;
        while (m_depth > outside && next()) {
            if (isText()) all += text();
        }
        return all;
    }

private:
    static constexpr int kMostDepth = 200;

    QXmlStreamReader m_reader;
    int m_depth = 0;
};

} // namespace nibble::reader
