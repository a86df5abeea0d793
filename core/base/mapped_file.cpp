// A page of a mapping that lies behind the end of the file raises SIGBUS when it is read. The handler here looks the
// address up in a lock-free table of our mappings, puts a page of zeros there and marks the mapping as lost. Everything
// it does is a load, a store or one system call, so it is safe in a signal handler; a SIGBUS elsewhere goes to whoever
// handled it before.
#include <algorithm>
#include <array>
#include <atomic>
#include <base/mapped_file.h>
#include <base/text.h>
#include <base/unix_file.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <nibble/error.h>
#include <sys/mman.h>
#include <unistd.h>

namespace nibble {

namespace {

/// begin == 0: free, 1: being filled.
struct Slot {
    std::atomic<uintptr_t> begin{0}, end{0};
    std::atomic<bool> lost{false};
};
std::array<Slot, 1024> g_slots; // a model of 1024 shards is beyond anything published
uintptr_t g_pageSize = 4096;
struct sigaction g_previous {};

Slot* findSlot(uintptr_t address) {
    for (Slot& slot : g_slots) {
        const uintptr_t begin = slot.begin.load(std::memory_order_acquire);
        if (begin > 1 && address >= begin && address < slot.end.load(std::memory_order_relaxed)) return &slot;
    }
    return nullptr;
}

void passOn(int signal, siginfo_t* info, void* context) {
    if (g_previous.sa_flags & SA_SIGINFO) return g_previous.sa_sigaction(signal, info, context);
    if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN) return g_previous.sa_handler(signal);
    ::sigaction(SIGBUS, &g_previous, nullptr); // die the way the process would have died without us
    ::raise(SIGBUS);
}

void onBusError(int signal, siginfo_t* info, void* context) {
    const int savedErrno = errno;
    const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
    Slot* slot = info->si_code > 0 ? findSlot(address) : nullptr; // <= 0: sent by a process, not by a page
    void* page = reinterpret_cast<void*>(address & ~(g_pageSize - 1));
    if (slot && ::mmap(page, g_pageSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
        slot->lost.store(true, std::memory_order_relaxed);
        errno = savedErrno;
        return;
    }
    passOn(signal, info, context);
}

void installHandlerOnce() {
    static std::once_flag once;
    std::call_once(once, [] {
        g_pageSize = uintptr_t(::sysconf(_SC_PAGESIZE));
        struct sigaction action {};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &g_previous);
    });
}

/// Null where the table is full.
Slot* claimSlot(const void* data, std::size_t size) {
    const auto begin = reinterpret_cast<uintptr_t>(data);
    for (Slot& slot : g_slots) {
        uintptr_t expected = 0;
        if (!slot.begin.compare_exchange_strong(expected, 1)) continue;
        slot.lost.store(false);
        slot.end.store(begin + size);
        slot.begin.store(begin, std::memory_order_release);
        return &slot;
    }
    return nullptr;
}

[[noreturn]] void throwChanged(const std::filesystem::path& path, const std::string& fact) {
    throw Error(
        ErrorKind::BadFile, "The file " + printable(path.filename().string()) + " was changed while it was in use.",
        printable(path.string(), 1000) + ": " + fact, "Wait until nothing writes to the file any more and try again.");
}

} // namespace

struct MappedFile::Impl {
    UniqueFd fd;
    struct stat status {};
    void* data = nullptr;
    Slot* slot = nullptr;

    ~Impl() {
        if (slot) slot->begin.store(0, std::memory_order_release);
        if (data) ::munmap(data, std::size_t(status.st_size));
    }
};

MappedFile::MappedFile(const std::filesystem::path& path) : m_path(path), m_impl(std::make_unique<Impl>()) {
    m_impl->fd = openForReading(path, m_impl->status);
    const auto size = std::size_t(m_impl->status.st_size);
    if (size == 0) return;

    installHandlerOnce();
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, m_impl->fd.get(), 0);
    if (data == MAP_FAILED)
        throw Error(ErrorKind::Io, "The file " + printable(path.filename().string()) + " could not be opened.",
                    pathAndErrno(path, errno) + " (mmap)");
    m_impl->data = data;
    m_impl->slot = claimSlot(data, size);
    if (!m_impl->slot)
        throw Error(ErrorKind::Io, "Too many model files are open at once.", printable(path.string(), 1000),
                    "Close other models and try again.");
    m_bytes = {static_cast<const std::byte*>(data), size};
}

MappedFile::~MappedFile() = default;

void MappedFile::check() const {
    if (m_impl->slot && m_impl->slot->lost.load(std::memory_order_relaxed))
        throwChanged(m_path, "the file became shorter while it was being read");
    struct stat now {};
    const struct stat& then = m_impl->status;
    if (::fstat(m_impl->fd.get(), &now) != 0)
        throw Error(ErrorKind::Io, "The file " + printable(m_path.filename().string()) + " could not be read.",
                    pathAndErrno(m_path, errno));
    if (now.st_size != then.st_size)
        throwChanged(m_path, format("size was %lld bytes, is %lld", static_cast<long long>(then.st_size),
                                    static_cast<long long>(now.st_size)));
    if (now.st_mtim.tv_sec != then.st_mtim.tv_sec || now.st_mtim.tv_nsec != then.st_mtim.tv_nsec)
        throwChanged(m_path, "its modification time changed");
}

namespace {

void advise(std::span<const std::byte> bytes, std::size_t offset, std::size_t size, int advice) {
    if (offset >= bytes.size()) return;
    size = std::min(size, bytes.size() - offset);
    const std::size_t start = offset & ~(g_pageSize - 1);
    ::madvise(const_cast<std::byte*>(bytes.data()) + start, offset + size - start, advice);
}

} // namespace

void MappedFile::willNeed(std::size_t offset, std::size_t size) const { advise(m_bytes, offset, size, MADV_WILLNEED); }
void MappedFile::dontNeed(std::size_t offset, std::size_t size) const { advise(m_bytes, offset, size, MADV_DONTNEED); }

} // namespace nibble
