#include "hub_token.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>

namespace nibble::gui {

namespace {

constexpr qint64 kMostBytes = 4096;
constexpr QFile::Permissions kMineOnly = QFile::ReadOwner | QFile::WriteOwner;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(HubToken)
};

QDir folder() { return {QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation)}; }

QString place() { return folder().filePath(QStringLiteral("hub-token")); }

QString withoutSlashes(QString address) {
    while (address.endsWith('/')) address.chop(1);
    return address;
}

} // namespace

QString hubToken(const QString& hub) {
    QFile file(place());
    if (!file.open(QIODevice::ReadOnly)) return {};
    const QString text = QString::fromUtf8(file.read(kMostBytes)); // the hub's address, and below it the token
    return text.section('\n', 0, 0) == withoutSlashes(hub) ? text.section('\n', 1, 1) : QString();
}

QString keepHubToken(const QString& hub, const QString& token) {
    if (token.isEmpty()) {
        const bool gone = !QFile::exists(place()) || QFile::remove(place());
        return gone ? QString() : Words::tr("The access token could not be removed: %1").arg(place());
    }
    folder().mkpath(QStringLiteral("."));
    QSaveFile file(place());
    // First who may read it, then what.
    const QByteArray text = QStringLiteral("%1\n%2\n").arg(withoutSlashes(hub), token).toUtf8();
    const bool kept = file.open(QIODevice::WriteOnly) && file.setPermissions(kMineOnly) &&
                      file.write(text) == text.size() && file.commit();
    return kept ? QString() : Words::tr("The access token could not be kept: %1").arg(file.errorString());
}

} // namespace nibble::gui
