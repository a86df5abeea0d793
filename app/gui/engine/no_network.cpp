#include "no_network.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace nibble::gui {

namespace {

#ifdef __aarch64__
constexpr unsigned kMachine = AUDIT_ARCH_AARCH64, kForeignCalls = 0xffffffff;
#else
constexpr unsigned kMachine = AUDIT_ARCH_X86_64, kForeignCalls = 0x40000000; // those of the x32 interface
#endif

constexpr sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, unsigned(offset)); }
constexpr sock_filter skip(unsigned comparison, unsigned value, int ifSo, int ifNot) {
    return BPF_JUMP(BPF_JMP | comparison | BPF_K, value, static_cast<unsigned char>(ifSo),
                    static_cast<unsigned char>(ifNot));
}

/// Netlink stays: graphics drivers ask the kernel about devices that way. io_uring could open sockets by itself.
template<unsigned Refusal>
constexpr sock_filter kFilter[] = {
    load(offsetof(seccomp_data, arch)),       skip(BPF_JEQ, kMachine, 0, 8),
    load(offsetof(seccomp_data, nr)),         skip(BPF_JGE, kForeignCalls, 6, 0),
    skip(BPF_JEQ, __NR_io_uring_setup, 5, 0), skip(BPF_JEQ, __NR_socket, 0, 3),
    load(offsetof(seccomp_data, args)),       skip(BPF_JEQ, AF_UNIX, 1, 0),
    skip(BPF_JEQ, AF_NETLINK, 0, 1),          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, Refusal),
};

/// Runs between fork and exec, so it may only make system calls.
template<unsigned Refusal>
void install() {
    const auto& filter = kFilter<Refusal>;
    const sock_fprog program{sizeof filter / sizeof filter[0], const_cast<sock_filter*>(filter)};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

class NoNetwork : public QNetworkAccessManager {
public:
    using QNetworkAccessManager::QNetworkAccessManager;

protected:
    QNetworkReply* createRequest(Operation operation, const QNetworkRequest& request, QIODevice* data) override {
        const QString scheme = request.url().scheme();
        const bool local = scheme == QLatin1String("qrc") || scheme == QLatin1String("file");
        return QNetworkAccessManager::createRequest(operation, local ? request : QNetworkRequest(), data);
    }
};

} // namespace

void forbidNetwork(QProcess& process, OnSocket what) {
    process.setChildProcessModifier(what == OnSocket::End ? install<SECCOMP_RET_KILL_PROCESS>
                                                          : install<(SECCOMP_RET_ERRNO | EACCES)>);
}

QNetworkAccessManager* NoNetworkForQml::create(QObject* parent) { return new NoNetwork(parent); }

} // namespace nibble::gui
