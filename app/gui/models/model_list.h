#pragma once

#include "model_entry.h"
#include <QAbstractListModel>

namespace nibble::gui {

/// The rows of the library. Roles: entry (a ModelEntry), name, path.
class ModelList : public QAbstractListModel {
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role { EntryRole = Qt::UserRole + 1, NameRole, PathRole };

    using QAbstractListModel::QAbstractListModel;

    int count() const { return int(m_entries.size()); }
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : count(); }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    const QList<ModelEntry>& entries() const { return m_entries; }
    Q_INVOKABLE int indexOf(const QString& path) const; // -1: not there
    Q_INVOKABLE QString pathAt(int row) const;          // empty: no such row
    void reset(const QList<ModelEntry>& entries);
    /// Replaces the row of the same path, or adds one.
    void put(const ModelEntry& entry);
    void remove(const QString& path);

signals:
    void countChanged();

private:
    QList<ModelEntry> m_entries;
};

} // namespace nibble::gui
