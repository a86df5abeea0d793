#include "network_use.h"

#include "hub_token.h"
#include <QDateTime>
#include <QLocale>
#include <QNetworkProxy>
#include <QSettings>
#include <QUrl>

namespace nibble::gui {

namespace {

constexpr char kAllowedKey[] = "network/allowed", kHubKey[] = "network/hub", kUsesKey[] = "network/uses";
constexpr char kHuggingFace[] = "https://huggingface.co";
constexpr qsizetype kMostUses = 200;

/// "2026-11-28T14:03:00|huggingface.co|searching for smollm2"
struct Use {
    QString when, host, purpose;
};

Use useFrom(const QString& stored) {
    return {stored.section('|', 0, 0), stored.section('|', 1, 1), stored.section('|', 2)};
}

QString timeOf(const Use& use) {
    return QLocale().toString(QDateTime::fromString(use.when, Qt::ISODate), QLocale::ShortFormat);
}

QStringList storedUses() { return QSettings().value(kUsesKey).toStringList(); } // the last one first

} // namespace

bool NetworkUse::isAllowed() { return QSettings().value(kAllowedKey, false).toBool(); }

void NetworkUse::setAllowed(bool allowed) {
    if (allowed == isAllowed()) return;
    QSettings().setValue(kAllowedKey, allowed);
    emit changed();
}

QString NetworkUse::hub() const {
    QString address = QSettings().value(kHubKey).toString();
    if (address.isEmpty()) address = qEnvironmentVariable("NIBBLE_HUB");
    return address.isEmpty() ? QString(kHuggingFace) : address;
}

void NetworkUse::setHub(const QString& address) {
    const QString trimmed = address.trimmed();
    if (trimmed == hub()) return;
    QSettings().setValue(kHubKey, trimmed);
    emit changed();
}

QString NetworkUse::hubName() const {
    const QUrl url(hub());
    return url.host().isEmpty() ? hub() : url.authority(QUrl::FullyEncoded);
}

bool NetworkUse::signedIn() const { return !hubToken(hub()).isEmpty(); }

QString NetworkUse::keepToken(const QString& token) {
    const QString problem = keepHubToken(hub(), token.trimmed());
    emit changed();
    return problem;
}

QString NetworkUse::proxy() const {
    const QList<QNetworkProxy> proxies = QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(QUrl(hub())));
    const QNetworkProxy first = proxies.value(0);
    const bool http = first.type() == QNetworkProxy::HttpProxy, socks = first.type() == QNetworkProxy::Socks5Proxy;
    if (!http && !socks) return {};
    QUrl url;
    url.setScheme(http ? QStringLiteral("http") : QStringLiteral("socks5h"));
    url.setHost(first.hostName());
    url.setPort(first.port());
    url.setUserName(first.user());
    url.setPassword(first.password());
    return url.toString(QUrl::FullyEncoded);
}

void NetworkUse::note(const QString& host, const QString& purpose) {
    QStringList stored = storedUses();
    const QString now = QDateTime::currentDateTime().toString(Qt::ISODate);
    if (!stored.isEmpty() && useFrom(stored[0]).host == host && useFrom(stored[0]).purpose == purpose)
        stored.removeFirst(); // the same again: a list of files, then each file
    stored.prepend(now + '|' + host + '|' + purpose);
    if (stored.size() > kMostUses) stored.resize(kMostUses);
    QSettings().setValue(kUsesKey, stored);
    emit changed();
}

bool NetworkUse::used() const { return !storedUses().isEmpty(); }

QStringList NetworkUse::uses() const {
    QStringList out;
    for (const QString& stored : storedUses()) {
        const Use use = useFrom(stored);
        out << tr("%1: %2, %3").arg(timeOf(use), use.host, use.purpose);
    }
    return out;
}

QString NetworkUse::line() const {
    const QStringList stored = storedUses();
    if (stored.isEmpty()) return tr("Nothing has been sent. Network used: never.");
    const Use last = useFrom(stored[0]);
    return tr("No chat and no file was sent. Network last used: %1, %2.").arg(timeOf(last), last.host);
}

} // namespace nibble::gui
