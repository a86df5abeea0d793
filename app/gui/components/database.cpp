#include "database.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSqlError>
#include <QStandardPaths>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Database)
};

void bind(QSqlQuery& query, const QVariantList& values) {
    for (const QVariant& value : values) {
        // SQL would take a null text for NULL. A QVariant with a null QString does not call itself null.
        const bool nullText = value.typeId() == QMetaType::QString && value.toString().isNull();
        query.addBindValue(nullText ? QVariant(QStringLiteral("")) : value);
    }
}

} // namespace

QString Database::inDataFolder(const QString& file) {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QLatin1String("/Nibble/") + file;
}

Database::Database(const QString& path, const QList<QStringList>& migrations) {
    static int count = 0;
    m_connection = QStringLiteral("nibble-%1").arg(++count);
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    if (!path.isEmpty()) QDir().mkpath(QFileInfo(path).absolutePath());
    m_database.setDatabaseName(path.isEmpty() ? QStringLiteral(":memory:") : path);
    if (!m_database.open()) {
        m_problem = Words::tr("Nothing can be saved in %1: %2").arg(path, m_database.lastError().text());
        return;
    }
    run(QStringLiteral("PRAGMA journal_mode = WAL"));
    // A killed window loses nothing, and it does not wait for the disk at every turn.
    run(QStringLiteral("PRAGMA synchronous = NORMAL"));
    run(QStringLiteral("PRAGMA foreign_keys = ON"));
    if (!migrate(path, migrations)) m_database.close();
}

bool Database::migrate(const QString& path, const QList<QStringList>& migrations) {
    int version = 0;
    {
        QSqlQuery query = select(QStringLiteral("PRAGMA user_version"));
        if (query.next()) version = query.value(0).toInt();
    }
    if (version > migrations.size()) {
        m_problem = Words::tr("The file %1 was written by a newer Nibble.").arg(path);
        return false;
    }
    for (; version < migrations.size(); ++version) {
        begin();
        bool good = true;
        for (const QString& statement : migrations[version]) good = good && run(statement);
        good = good && run(QStringLiteral("PRAGMA user_version = %1").arg(version + 1));
        if (!good) {
            m_database.rollback();
            return false;
        }
        commit();
    }
    return true;
}

Database::~Database() {
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_connection);
}

bool Database::run(const QString& sql, const QVariantList& values, QVariant* newId) {
    if (!m_database.isOpen()) return false;
    QSqlQuery query(m_database);
    query.prepare(sql);
    bind(query, values);
    if (!query.exec()) {
        m_problem = Words::tr("This could not be saved: %1").arg(query.lastError().text());
        return false;
    }
    if (newId) *newId = query.lastInsertId();
    return true;
}

QSqlQuery Database::select(const QString& sql, const QVariantList& values) {
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!m_database.isOpen() || !query.prepare(sql)) return query;
    bind(query, values);
    query.exec();
    return query;
}

} // namespace nibble::gui
