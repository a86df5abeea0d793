// What the window keeps on this computer, in SQLite files: chats, votes. Written when it happens, whole or not at all.
#pragma once

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QStringList>
#include <QVariantList>

namespace nibble::gui {

class Database {
public:
    /// Opens or makes the file; an empty path keeps everything in memory only. `migrations[n]` are the statements that
    /// lead from version n to n + 1. See problem().
    Database(const QString& path, const QList<QStringList>& migrations);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `file` in the user's data folder.
    static QString inDataFolder(const QString& file);
    /// Why nothing can be kept, in plain words; empty where all is well.
    const QString& problem() const { return m_problem; }

    /// Runs a statement; false, with problem() said, where it fails.
    bool run(const QString& sql, const QVariantList& values = {}, QVariant* newId = nullptr);
    /// The rows of a SELECT; none where it fails.
    QSqlQuery select(const QString& sql, const QVariantList& values = {});
    /// Everything until commit() happens, or nothing of it.
    void begin() { m_database.transaction(); }
    void commit() { m_database.commit(); }

private:
    bool migrate(const QString& path, const QList<QStringList>& migrations);

    QString m_connection;
    QSqlDatabase m_database;
    QString m_problem;
};

} // namespace nibble::gui
