#pragma once

#include "chat_store.h"
#include <QAbstractListModel>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// The chats at the left of the page. Roles: chatId, title, when ("Today", "3 March"), found (the words around what was
/// searched for).
class ConversationList : public QAbstractListModel {
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(int count READ rowCount NOTIFY countChanged)

public:
    enum Role { IdRole = Qt::UserRole + 1, TitleRole, WhenRole, FoundRole };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(m_list.size()); }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override {
        return {{IdRole, "chatId"}, {TitleRole, "title"}, {WhenRole, "when"}, {FoundRole, "found"}};
    }
    void reset(const QList<Conversation>& list);
    /// To keep what is not shown in the list as the store has it; nullptr where it is not listed.
    Conversation* find(qint64 id);
    const QList<Conversation>& list() const { return m_list; }
    Q_INVOKABLE int indexOf(qint64 id) const; // -1: not there

signals:
    void countChanged();

private:
    QList<Conversation> m_list;
};

} // namespace nibble::gui
