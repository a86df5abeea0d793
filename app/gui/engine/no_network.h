// What makes "Network used: never" true until the user allows downloads (NetworkUse): nothing in the window and in the
// engines that it works with opens a connection, and what might by mistake is not let.
#pragma once

#include <QProcess>
#include <QQmlNetworkAccessManagerFactory>

namespace nibble::gui {

enum class OnSocket { Refuse, End };

/// The process, once started, gets no sockets but local ones (UNIX domain), nor does anything it starts: the kernel
/// refuses them or, in tests, ends the process (seccomp). Where a kernel has no seccomp it starts as it is.
void forbidNetwork(QProcess& process, OnSocket what = OnSocket::Refuse);

/// QML that names a picture or a file on the Internet gets an error.
class NoNetworkForQml : public QQmlNetworkAccessManagerFactory {
public:
    QNetworkAccessManager* create(QObject* parent) override;
};

} // namespace nibble::gui
