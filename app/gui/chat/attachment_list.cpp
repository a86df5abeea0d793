#include "attachment_list.h"

#include "components/text_file.h"
#include "components/wording.h"
#include <QFileInfo>
#include <QLocale>
#include <algorithm>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr qint64 kMostFileBytes = 2000000;
constexpr int kMostFiles = 20;
constexpr int kAnswerRoom = 256; // tokens that an answer should have at least

} // namespace

QVariantList AttachmentList::files() const {
    QVariantList list;
    for (const auto& [file, reader] : m_files) {
        const QString size = reader            ? tr("is being read…")
                             : file.tokens > 0 ? tr("%1 tokens").arg(QLocale().toString(file.tokens))
                                               : wording::bytes(double(file.text.toUtf8().size()));
        list.append(QVariantMap{{"name", file.name}, {"size", size}});
    }
    return list;
}

QString AttachmentList::problem() const {
    int tokens = 0;
    for (const Entry& entry : m_files) tokens += entry.file.tokens;
    if (tokens == 0 || m_room <= 0 || tokens + kAnswerRoom <= m_room) return {};
    return tr("This is more than the model can keep in mind: %1 tokens, and this chat has room for %2 with an answer. "
              "Leave a file out, or shorten it.")
        .arg(QLocale().toString(tokens), QLocale().toString(std::max(0, m_room - kAnswerRoom)));
}

QStringList AttachmentList::add(const QList<QUrl>& files) {
    QStringList problems;
    for (const QUrl& url : files) {
        QString problem;
        if (m_files.size() >= kMostFiles) {
            problems += tr("At most %1 files go with one question.").arg(kMostFiles);
            break;
        }
        const QString path = localPath(url);
        if (DocumentReader::isDocument(path)) {
            readDocument(path);
            continue;
        }
        const auto text = readTextFile(path, kMostFileBytes, problem);
        if (text) {
            m_files.append(Entry{{QFileInfo(path).fileName(), *text, 0}});
        } else {
            problems += problem;
        }
    }
    emit changed();
    return problems;
}

void AttachmentList::readDocument(const QString& path) {
    auto* reader = new DocumentReader(path, int(kMostFileBytes), this);
    m_files.append(Entry{{QFileInfo(path).fileName(), {}, 0}, reader});
    connect(reader, &DocumentReader::finished, this, [this, reader](const QString& text, const QString& note) {
        Entry& entry = m_files[indexOf(reader)];
        entry.file.text = text;
        entry.reader = nullptr;
        reader->deleteLater();
        emit changed();
        emit read(note);
    });
    connect(reader, &DocumentReader::failed, this, [this, reader](const QString& problem) {
        remove(indexOf(reader));
        emit failed(problem);
    });
}

int AttachmentList::indexOf(const DocumentReader* reader) const {
    return int(std::find_if(m_files.begin(), m_files.end(), [&](const Entry& one) { return one.reader == reader; }) -
               m_files.begin());
}

bool AttachmentList::reading() const {
    return std::any_of(m_files.begin(), m_files.end(), [](const Entry& entry) { return entry.reader; });
}

void AttachmentList::remove(int row) {
    if (row < 0 || row >= m_files.size()) return;
    if (DocumentReader* reader = m_files[row].reader) {
        reader->disconnect(this);
        reader->deleteLater(); // ends its process
    }
    m_files.removeAt(row);
    emit changed();
}

QList<AttachedFile> AttachmentList::take() {
    QList<AttachedFile> files;
    while (!m_files.isEmpty()) {
        if (!m_files.first().reader) files += m_files.first().file;
        remove(0);
    }
    emit changed();
    return files;
}

void AttachmentList::count(EngineInterface* engine) {
    for (const auto& [file, reader] : std::as_const(m_files)) {
        if (reader || file.tokens > 0) continue;
        Reply* reply = engine->request(protocol::kTokens, {{"text", file.text}}, Lane::Chat);
        connect(reply, &Reply::finished, this, [this, name = file.name, text = file.text](const QJsonObject& result) {
            for (auto& [one, beingRead] : m_files) {
                if (one.name == name && one.text == text) one.tokens = result["tokens"].toInt();
            }
            emit changed();
        });
    }
}

void AttachmentList::forgetCounts() {
    for (Entry& entry : m_files) entry.file.tokens = 0;
}

void AttachmentList::setRoom(int tokens) {
    m_room = tokens;
    emit changed();
}

} // namespace nibble::gui
