#include <run/processor_speed.h>

#include <base/atomic_file.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <files/json_file.h>
#include <fstream>
#include <mutex>
#include <optional>

namespace nibble {

using nlohmann::json;

namespace {

constexpr uint64_t kLargestFile = 4096;
constexpr double kFastest = 1e14; // bytes a second; more is a damaged file

struct Known {
    std::mutex mutex;
    std::optional<double> speed;
};
Known& known() {
    static Known one;
    return one;
}

std::filesystem::path file() {
    const std::filesystem::path folder = cacheFolder();
    return folder.empty() ? folder : folder / "processor-speed.json";
}

/// Another processor, other kernels or fewer cores for us (a container) are measured anew.
std::string key() {
    return nibble::format("%s, %s, %d threads", processorName().c_str(), cpuLevelName(bestCpuLevel()),
                          ThreadPool::physicalCores());
}

double kept() {
    try {
        const json value = readJsonObject(file(), kLargestFile);
        const double speed = value.at("bytesPerSecond");
        return value.at("processor") == key() && speed > 0 && speed < kFastest ? speed : 0;
    } catch (const std::exception&) {
        return 0; // not there, or damaged
    }
}

} // namespace

std::string processorName() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        const std::size_t colon = line.find(": ");
        if (colon != std::string::npos && line.starts_with("model name")) return line.substr(colon + 2);
    }
    return "Processor"; // ARM kernels do not say
}

double knownProcessorSpeed() {
    const std::lock_guard lock(known().mutex);
    std::optional<double>& speed = known().speed;
    if (!speed) speed = kept();
    return *speed;
}

void keepProcessorSpeed(double bytesPerSecond) {
    const std::lock_guard lock(known().mutex);
    known().speed = bytesPerSecond;
    const std::filesystem::path path = file();
    if (path.empty()) return;
    try {
        create_directories(path.parent_path());
        AtomicFile out(path);
        const std::string text = json{{"processor", key()}, {"bytesPerSecond", bytesPerSecond}}.dump(1) + "\n";
        out.write(std::as_bytes(std::span(text)));
        out.commit();
    } catch (const std::exception&) {
        // Without a disk to write to it is measured again next time.
    }
}

} // namespace nibble
