#pragma once

#include "chat_store.h"
#include <QObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// The projects that chats are sorted into, and which of them the list of chats shows.
class ProjectList : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Part of ChatController")
    /// What the list of chats can show: all, those without a project, each project, and the trash where it has any.
    Q_PROPERTY(QStringList views READ views NOTIFY changed)
    Q_PROPERTY(int view READ view WRITE setView NOTIFY changed)
    /// The project that is shown; empty where it is none.
    Q_PROPERTY(QString name READ name NOTIFY changed)
    Q_PROPERTY(QString size READ size NOTIFY changed)
    Q_PROPERTY(bool inTrash READ inTrash NOTIFY changed)
    /// Where a chat can be: in no project, in each of them.
    Q_PROPERTY(QStringList places READ places NOTIFY changed)

public:
    using QObject::QObject;

    /// Reads them anew; the store stays with the caller, who outlives it here or sets another.
    void setStore(ChatStore* store);
    void refresh();

    QStringList views() const;
    int view() const { return m_view; }
    void setView(int row);
    QString name() const { return isProject() ? m_list[m_view - kFirst].name : QString(); }
    bool inTrash() const { return m_view == m_list.size() + kFirst; }
    QString size() const;
    QStringList places() const;
    /// For ChatStore::conversations().
    qint64 shown() const;
    /// Of the row in places(), and back.
    qint64 idAt(int place) const { return place > 0 && place <= m_list.size() ? m_list[place - 1].id : 0; }
    int placeOf(qint64 project) const;

    /// Makes one and shows it; one of that name is shown instead.
    Q_INVOKABLE void add(const QString& name);
    /// Of the project that is shown.
    Q_INVOKABLE void rename(const QString& name);
    Q_INVOKABLE void remove(); // its chats stay

signals:
    /// Other projects, or another one is shown.
    void changed();

private:
    static constexpr int kFirst = 2; // behind "All chats" and "Without a project"

    bool isProject() const { return m_view >= kFirst && !inTrash(); }

    ChatStore* m_store = nullptr;
    QList<Project> m_list;
    int m_view = 0;
    bool m_anyTrash = false;
};

} // namespace nibble::gui
