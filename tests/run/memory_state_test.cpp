#include <fstream>
#include <gtest/gtest.h>
#include <nibble/devices.h>
#include <run/memory_state.h>
#include <unistd.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kMiB = 1024 * 1024;

/// A folder that looks like the root of a file system.
class FakeRoot {
public:
    FakeRoot() : path(fs::temp_directory_path() / ("nibble_root_" + std::to_string(getpid()))) {
        fs::create_directories(path);
    }
    ~FakeRoot() { fs::remove_all(path); }
    void file(const std::string& name, const std::string& content) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << content;
    }
    const fs::path path;
};

constexpr const char* kMeminfo =
    "MemTotal:       16384000 kB\nMemFree:         1024000 kB\nMemAvailable:    8192000 kB\n";

TEST(MemoryState, ReadsMeminfo) {
    const FakeRoot root;
    root.file("proc/meminfo", kMeminfo);
    const MemoryState state = readMemoryState(root.path);
    EXPECT_EQ(state.total, 16000 * kMiB);
    EXPECT_EQ(state.available, 8000 * kMiB);
}

TEST(MemoryState, IsZeroWhereNothingCanBeRead) {
    const FakeRoot root;
    EXPECT_EQ(readMemoryState(root.path).total, 0u);
    EXPECT_EQ(readMemoryState(root.path).available, 0u);
}

TEST(MemoryState, RespectsControlGroupsOfVersion2UpToTheTop) {
    const FakeRoot root;
    root.file("proc/meminfo", kMeminfo);
    root.file("proc/self/cgroup", "0::/user/app\n");
    root.file("sys/fs/cgroup/user/app/memory.max", "max\n");
    root.file("sys/fs/cgroup/user/app/memory.current", "104857600\n");
    root.file("sys/fs/cgroup/user/memory.max", std::to_string(2000 * kMiB) + "\n");
    root.file("sys/fs/cgroup/user/memory.current", std::to_string(1500 * kMiB) + "\n");
    root.file("sys/fs/cgroup/user/memory.stat", "anon 5\ninactive_file " + std::to_string(300 * kMiB) + "\n");
    const MemoryState state = readMemoryState(root.path);
    EXPECT_EQ(state.total, 2000 * kMiB);
    EXPECT_EQ(state.available, 800 * kMiB); // 2000 - (1500 - 300 of cache)
}

TEST(MemoryState, FindsTheMountItselfInsideAContainer) {
    const FakeRoot root;
    root.file("proc/meminfo", kMeminfo);
    root.file("proc/self/cgroup", "0::/docker/0123\n"); // not visible below the mount
    root.file("sys/fs/cgroup/memory.max", std::to_string(1000 * kMiB) + "\n");
    root.file("sys/fs/cgroup/memory.current", std::to_string(400 * kMiB) + "\n");
    EXPECT_EQ(readMemoryState(root.path).available, 600 * kMiB);
}

TEST(MemoryState, RespectsControlGroupsOfVersion1) {
    const FakeRoot root;
    root.file("proc/meminfo", kMeminfo);
    root.file("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n");
    root.file("sys/fs/cgroup/memory/x/memory.limit_in_bytes", std::to_string(1000 * kMiB) + "\n");
    root.file("sys/fs/cgroup/memory/x/memory.usage_in_bytes", std::to_string(900 * kMiB) + "\n");
    root.file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); // no limit
    root.file("sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n");
    EXPECT_EQ(readMemoryState(root.path).available, 100 * kMiB);
}

TEST(Devices, TheProcessorComesFirst) {
    const std::vector<DeviceInfo> devices = listDevices();
    ASSERT_FALSE(devices.empty());
    EXPECT_EQ(devices[0].id, "cpu");
    EXPECT_TRUE(devices[0].usable);
    EXPECT_FALSE(devices[0].name.empty());
    EXPECT_GE(devices[0].threads, 1);
    EXPECT_GT(devices[0].availableBytes, 0u);
    EXPECT_LT(devices[0].availableBytes, devices[0].memoryBytes);
}

} // namespace
} // namespace nibble
