#include "model_list.h"

#include <algorithm>

namespace nibble::gui {

QVariant ModelList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ModelEntry& entry = m_entries[index.row()];
    switch (role) {
    case EntryRole:
        return QVariant::fromValue(entry);
    case Qt::DisplayRole:
    case NameRole:
        return entry.formatName.isEmpty() ? entry.name : entry.name + " · " + entry.formatName;
    case PathRole:
        return entry.path;
    default:
        return {};
    }
}

QHash<int, QByteArray> ModelList::roleNames() const {
    return {{EntryRole, "entry"}, {NameRole, "name"}, {PathRole, "path"}};
}

int ModelList::indexOf(const QString& path) const {
    const auto found =
        std::find_if(m_entries.begin(), m_entries.end(), [&path](const auto& e) { return e.path == path; });
    return found == m_entries.end() ? -1 : int(found - m_entries.begin());
}

QString ModelList::pathAt(int row) const { return row >= 0 && row < count() ? m_entries[row].path : QString(); }

void ModelList::reset(const QList<ModelEntry>& entries) {
    beginResetModel();
    m_entries = entries;
    endResetModel();
    emit countChanged();
}

void ModelList::put(const ModelEntry& entry) {
    const int row = indexOf(entry.path);
    if (row >= 0) {
        m_entries[row] = entry;
        emit dataChanged(index(row), index(row));
        return;
    }
    beginInsertRows({}, count(), count());
    m_entries.append(entry);
    endInsertRows();
    emit countChanged();
}

void ModelList::remove(const QString& path) {
    const int row = indexOf(path);
    if (row < 0) return;
    beginRemoveRows({}, row, row);
    m_entries.removeAt(row);
    endRemoveRows();
    emit countChanged();
}

} // namespace nibble::gui
