#include <run/memory_state.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace nibble {
namespace {

namespace fs = std::filesystem;

/// The number in a file of one number; nothing for "max" and for what is not there.
std::optional<uint64_t> numberIn(const fs::path& path) {
    std::ifstream in(path);
    uint64_t value = 0;
    return in >> value ? std::optional(value) : std::nullopt;
}

/// The number behind `key` in a file of "key number" lines.
std::optional<uint64_t> numberOf(const fs::path& path, const std::string& key) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::string name;
        uint64_t value = 0;
        if (fields >> name >> value && name == key) return value;
    }
    return {};
}

struct GroupFiles {
    const char *limit, *usage, *reclaimable; // the last is a key of memory.stat: cached file pages, free when needed
};
constexpr GroupFiles kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr GroupFiles kVersion2 = {"memory.max", "memory.current", "inactive_file"};

/// Lowers `state` to the limits of the group and of all above it.
void applyGroup(const fs::path& mount, const fs::path& group, const GroupFiles& files, MemoryState& state) {
    fs::path folder = mount / group.relative_path();
    std::error_code ignored;
    if (!fs::exists(folder / files.usage, ignored)) folder = mount; // inside a container the mount is the group itself
    for (;; folder = folder.parent_path()) {
        if (const auto limit = numberIn(folder / files.limit); limit && *limit < state.total) {
            const uint64_t usage = numberIn(folder / files.usage).value_or(0);
            const uint64_t cached = numberOf(folder / "memory.stat", files.reclaimable).value_or(0);
            const uint64_t used = usage - std::min(usage, cached);
            state.total = *limit;
            state.available = std::min(state.available, *limit - std::min(*limit, used));
        }
        if (folder == mount || !folder.has_relative_path()) return;
    }
}

} // namespace

MemoryState readMemoryState(const fs::path& root) {
    const fs::path meminfo = root / "proc/meminfo";
    MemoryState state;
    state.total = numberOf(meminfo, "MemTotal:").value_or(0) * 1024;
    state.available = numberOf(meminfo, "MemAvailable:").value_or(0) * 1024;

    std::ifstream in(root / "proc/self/cgroup");
    for (std::string line; std::getline(in, line);) { // "4:memory:/path" or, version 2, "0::/path"
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
        if (controllers.empty()) applyGroup(root / "sys/fs/cgroup", group, kVersion2, state);
        if (("," + controllers + ",").find(",memory,") != std::string::npos)
            applyGroup(root / "sys/fs/cgroup/memory", group, kVersion1, state);
    }
    return state;
}

} // namespace nibble
