#include "message_list.h"

namespace nibble::gui {

namespace {

AnswerParts partsOf(const ChatTurn& turn) {
    return turn.role == QLatin1String("user") ? AnswerParts{{}, turn.content, false} : answerParts(turn.content);
}

QVariantList blocksOf(const ChatTurn& turn) {
    return turn.role == QLatin1String("user") ? QVariantList() : toVariant(markdownBlocks(partsOf(turn).answer));
}

} // namespace

QVariant MessageList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[index.row()];
    switch (role) {
    case FromUserRole:
        return row.turn.role == QLatin1String("user");
    case Qt::DisplayRole:
    case ContentRole:
        return partsOf(row.turn).answer;
    case ThoughtsRole:
        return partsOf(row.turn).thoughts;
    case ThinkingRole:
        return index.row() == m_writing && partsOf(row.turn).thinking;
    case BlocksRole:
        if (!row.blocks) row.blocks = blocksOf(row.turn);
        return *row.blocks;
    case NoteRole:
        return row.turn.note;
    case WritingRole:
        return index.row() == m_writing;
    case VersionRole:
        return row.turn.version;
    case VersionsRole:
        return row.turn.versions;
    case FilesRole: {
        QStringList names;
        for (const AttachedFile& file : row.turn.files) names += file.name;
        return names;
    }
    default:
        return {};
    }
}

QList<ChatTurn> MessageList::turns() const {
    QList<ChatTurn> list;
    for (const Row& row : m_rows) list.append(row.turn);
    return list;
}

void MessageList::reset(const QList<ChatTurn>& turns) {
    beginResetModel();
    m_rows.clear();
    m_writing = -1;
    m_rows.reserve(turns.size());
    for (const ChatTurn& turn : turns) m_rows.append({turn, {}});
    endResetModel();
    emit countChanged();
}

void MessageList::append(const ChatTurn& turn) {
    beginInsertRows({}, count(), count());
    m_rows.append({turn, {}});
    endInsertRows();
    emit countChanged();
}

void MessageList::removeFrom(int row) {
    if (row < 0 || row >= count()) return;
    beginRemoveRows({}, row, count() - 1);
    m_rows.resize(row);
    if (m_writing >= row) m_writing = -1;
    endRemoveRows();
    emit countChanged();
}

void MessageList::addText(const QString& text) {
    m_rows.last().turn.content += text;
    touch(count() - 1);
}

void MessageList::setWriting(int row) {
    const int before = std::exchange(m_writing, row);
    for (int changed : {before, row}) {
        if (changed >= 0 && changed < count())
            emit dataChanged(index(changed), index(changed), {WritingRole, ThinkingRole});
    }
}

void MessageList::touch(int row) {
    m_rows[row].blocks.reset();
    emit dataChanged(index(row), index(row),
                     {ContentRole, BlocksRole, NoteRole, VersionRole, VersionsRole, ThoughtsRole, ThinkingRole});
}

} // namespace nibble::gui
