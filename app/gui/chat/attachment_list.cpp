#include "attachment_list.h"

#include "components/text_file.h"
#include "components/wording.h"
#include <QFileInfo>
#include <QLocale>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr qint64 kMostFileBytes = 2000000;
constexpr int kMostFiles = 20;
constexpr int kAnswerRoom = 256; // tokens that an answer should have at least

} // namespace

QVariantList AttachmentList::files() const {
    QVariantList list;
    for (const AttachedFile& file : m_files) {
        const QString size = file.tokens > 0 ? tr("%1 tokens").arg(QLocale().toString(file.tokens))
                                             : wording::bytes(double(file.text.toUtf8().size()));
        list.append(QVariantMap{{"name", file.name}, {"size", size}});
    }
    return list;
}

QString AttachmentList::problem() const {
    int tokens = 0;
    for (const AttachedFile& file : m_files) tokens += file.tokens;
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
        const auto text = readTextFile(localPath(url), kMostFileBytes, problem);
        if (text) {
            m_files.append({QFileInfo(localPath(url)).fileName(), *text, 0});
        } else {
            problems += problem;
        }
    }
    emit changed();
    return problems;
}

void AttachmentList::remove(int row) {
    if (row < 0 || row >= m_files.size()) return;
    m_files.removeAt(row);
    emit changed();
}

QList<AttachedFile> AttachmentList::take() {
    QList<AttachedFile> files = std::exchange(m_files, {});
    emit changed();
    return files;
}

void AttachmentList::count(EngineInterface* engine) {
    for (const AttachedFile& file : std::as_const(m_files)) {
        if (file.tokens > 0) continue;
        Reply* reply = engine->request(protocol::kTokens, {{"text", file.text}}, Lane::Chat);
        connect(reply, &Reply::finished, this, [this, name = file.name, text = file.text](const QJsonObject& result) {
            for (AttachedFile& one : m_files) {
                if (one.name == name && one.text == text) one.tokens = result["tokens"].toInt();
            }
            emit changed();
        });
    }
}

void AttachmentList::forgetCounts() {
    for (AttachedFile& file : m_files) file.tokens = 0;
}

void AttachmentList::setRoom(int tokens) {
    m_room = tokens;
    emit changed();
}

} // namespace nibble::gui
