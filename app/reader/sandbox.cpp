#include "sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nibble::reader {

namespace {

constexpr rlim_t kMemory = rlim_t(1536) << 20, kSeconds = 20;

void limit(int what, rlim_t most) {
    const rlimit both{most, most};
    setrlimit(__rlimit_resource(what), &both);
}

/// Linux 5.13's Landlock, with the rights of its first version.
void closeFileSystem() {
    constexpr unsigned long long kAll = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    const landlock_ruleset_attr handled{kAll};
    const int rules = int(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0));
    if (rules < 0) return;
    landlock_path_beneath_attr readable{LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR, -1};
    readable.parent_fd = open("/usr", O_PATH | O_CLOEXEC);
    if (readable.parent_fd >= 0) {
        syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &readable, 0);
        close(readable.parent_fd);
    }
    syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}

} // namespace

void closeSandbox() {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, kSeconds);
#ifndef __SANITIZE_ADDRESS__ // whose shadow has terabytes of addresses
    limit(RLIMIT_AS, kMemory);
#endif
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    closeFileSystem();
}

} // namespace nibble::reader
