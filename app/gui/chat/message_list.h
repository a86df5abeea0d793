#pragma once

#include "chat_store.h"
#include "markdown_blocks.h"
#include <QAbstractListModel>
#include <QtQml/qqmlregistration.h>
#include <optional>

namespace nibble::gui {

/// The turns of the open chat. Roles: fromUser, content (as written, without thoughts), thoughts (what a model thought
/// before its answer) and thinking (it still does), blocks (an answer's, see markdown_blocks.h; made when first asked
/// for, since most of a long chat is never seen), note, writing (this answer is being written),
/// version and versions (this turn is the 2nd of 3), files (the names of those sent with it).
class MessageList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Part of ChatController")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        FromUserRole = Qt::UserRole + 1,
        ContentRole,
        BlocksRole,
        NoteRole,
        WritingRole,
        VersionRole,
        VersionsRole,
        FilesRole,
        ThoughtsRole,
        ThinkingRole
    };

    using QAbstractListModel::QAbstractListModel;

    int count() const { return int(m_rows.size()); }
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : count(); }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override {
        return {{FromUserRole, "fromUser"}, {ContentRole, "content"},  {BlocksRole, "blocks"},     {NoteRole, "note"},
                {WritingRole, "writing"},   {VersionRole, "version"},  {VersionsRole, "versions"}, {FilesRole, "files"},
                {ThoughtsRole, "thoughts"}, {ThinkingRole, "thinking"}};
    }

    const ChatTurn& turn(int row) const { return m_rows[row].turn; }
    ChatTurn& turn(int row) { return m_rows[row].turn; }
    QList<ChatTurn> turns() const;
    void reset(const QList<ChatTurn>& turns);
    void append(const ChatTurn& turn);
    void removeFrom(int row);
    /// The last row grows.
    void addText(const QString& text);
    void setWriting(int row); // -1: none
    /// The turn in this row was changed through turn().
    void touch(int row);

signals:
    void countChanged();

private:
    struct Row {
        ChatTurn turn;
        mutable std::optional<QVariantList> blocks;
    };
    QList<Row> m_rows;
    int m_writing = -1;
};

} // namespace nibble::gui
