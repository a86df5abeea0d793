#include <run/card_test.h>

#include <algorithm>
#include <base/atomic_file.h>
#include <base/child_process.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <files/json_file.h>
#include <map>
#include <mutex>
#include <nibble/error.h>
#include <run/placement.h>

namespace nibble {

using nlohmann::json;

namespace {

/// Compiling one kernel and running it takes far less, even on a driver without a cache.
constexpr double kQuietSeconds = 60;
constexpr uint64_t kLargestFile = 1 << 20;
/// Of the processor's speed. Writing is what people wait for; a little of it is worth a card that reads much faster.
constexpr double kSlowestWriting = 0.8, kWorthwhile = 1.2;

struct Known {
    std::mutex mutex;
    std::vector<std::string> command;
    std::map<std::string, CardVerdict> verdicts; // by testKey
};
Known& known() {
    static Known all;
    return all;
}

json speedJson(const ComputeSpeed& speed) {
    return {{"weightBytes", speed.weightBytes}, {"macs", speed.macs}, {"uploadBytes", speed.uploadBytes}};
}
ComputeSpeed speedOf(const json& value) {
    return {value.at("weightBytes"), value.at("macs"), value.value("uploadBytes", 0.0)};
}

constexpr const char* kNeededBy[] = {"every model", "format", "experts", "recurrent"}; // by NeededBy
NeededBy neededBy(const std::string& name) {
    const auto found = std::ranges::find(kNeededBy, name);
    return found == std::end(kNeededBy) ? NeededBy::EveryModel : NeededBy(found - std::begin(kNeededBy));
}

json verdictJson(const CardVerdict& verdict) {
    json checks = json::array();
    for (const KernelCheck& c : verdict.test.checks)
        checks.push_back({{"what", c.what},
                          {"neededBy", kNeededBy[std::size_t(c.neededBy)]},
                          {"format", format(c.format).name},
                          {"integerDot", c.integerDot},
                          {"matrixUnits", c.matrixUnits},
                          {"error", c.error},
                          {"problem", c.problem}});
    return {{"usable", verdict.usable},
            {"whyNot", verdict.whyNot},
            {"checks", std::move(checks)},
            {"integerDot", verdict.test.integerDot},
            {"matrixUnits", verdict.test.matrixUnits},
            {"card", speedJson(verdict.test.card)},
            {"processor", speedJson(verdict.test.processor)}};
}

/// Throws json::exception where the file is not as we wrote it.
CardVerdict verdictOf(const json& value) {
    CardVerdict verdict;
    verdict.usable = value.at("usable");
    verdict.whyNot = value.at("whyNot");
    for (const json& c : value.at("checks")) {
        KernelCheck check{c.at("what"), neededBy(c.at("neededBy"))};
        if (const Format* f = findFormat(std::string_view(c.at("format").get_ref<const std::string&>())))
            check.format = f->id;
        check.integerDot = c.at("integerDot");
        check.matrixUnits = c.at("matrixUnits");
        check.error = c.at("error").is_number() ? c.at("error").get<double>() : 0; // JSON knows no NaN
        check.problem = c.at("problem");
        verdict.test.checks.push_back(std::move(check));
    }
    verdict.test.integerDot = value.at("integerDot");
    verdict.test.matrixUnits = value.at("matrixUnits");
    verdict.test.card = speedOf(value.at("card"));
    verdict.test.processor = speedOf(value.at("processor"));
    return verdict;
}

std::filesystem::path fileOf(const VulkanDevice& card) {
    const std::filesystem::path folder = cacheFolder();
    return folder.empty() ? folder : folder / ("card-test-" + card.testKey + ".json");
}

void keep(const VulkanDevice& card, const CardVerdict& verdict) {
    Known& all = known();
    const std::lock_guard lock(all.mutex);
    all.verdicts[card.testKey] = verdict;
    const std::filesystem::path path = fileOf(card);
    if (path.empty()) return;
    try {
        create_directories(path.parent_path());
        AtomicFile file(path);
        const std::string text = verdictJson(verdict).dump(1) + "\n";
        file.write(std::as_bytes(std::span(text)));
        file.commit();
    } catch (const std::exception&) {
        // Without a disk to write to the card is tested again next time.
    }
}

std::string failed(const std::string& who, const std::string& how) {
    return who + " failed its test (" + how + "), so it is not used. A newer graphics driver may help.";
}

CardVerdict judge(const VulkanDevice& card, SelfTest test) {
    CardVerdict verdict;
    const KernelCheck* failure = test.failure();
    verdict.usable = !failure;
    if (failure) verdict.whyNot = failed(card.name, failure->what);
    verdict.test = std::move(test);
    return verdict;
}

} // namespace

void setCardTestCommand(std::vector<std::string> command) {
    const std::lock_guard lock(known().mutex);
    known().command = std::move(command);
}

bool canTestCards() {
    const std::lock_guard lock(known().mutex);
    return !known().command.empty();
}

std::optional<CardVerdict> knownVerdict(const VulkanDevice& card) {
    Known& all = known();
    const std::lock_guard lock(all.mutex);
    if (const auto found = all.verdicts.find(card.testKey); found != all.verdicts.end()) return found->second;
    const std::filesystem::path path = fileOf(card);
    try {
        if (path.empty()) return {};
        return all.verdicts[card.testKey] = verdictOf(readJsonObject(path, kLargestFile));
    } catch (const std::exception&) {
        return {}; // not there, or damaged: the card is tested
    }
}

CardVerdict testInHelper(const VulkanDevice& card, const ProgressFn& progress, const std::stop_token& stop) {
    std::vector<std::string> command;
    {
        const std::lock_guard lock(known().mutex);
        command = known().command;
    }
    if (command.empty()) throw Error(ErrorKind::Io, "Graphics cards cannot be tested here.");
    command.push_back(card.uuid);

    std::optional<CardVerdict> verdict;
    const auto onLine = [&](const std::string& line) {
        const json message = json::parse(line, nullptr, false);
        if (!message.is_object()) return; // drivers print as well
        try {
            if (const auto p = message.find("progress"); p != message.end() && progress)
                progress({p->at("stage"), p->at("item"), p->at("fraction"), p->at("secondsLeft")});
            if (const auto r = message.find("verdict"); r != message.end()) verdict = verdictOf(*r);
        } catch (const json::exception&) {
        }
    };
    const std::string ended = runChild(command, onLine, kQuietSeconds, stop);
    if (!verdict || !ended.empty()) {
        verdict.emplace();
        verdict->whyNot = failed("The driver of " + card.name, ended.empty() ? "no result" : ended);
    }
    keep(card, *verdict);
    return *verdict;
}

void testCard(const std::string& uuid) {
    const auto print = [](const json& line) {
        std::printf("%s\n", line.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
        std::fflush(stdout);
    };
    const VulkanDevices all = vulkanDevices();
    const auto card = std::ranges::find(all.devices, uuid, &VulkanDevice::uuid);
    if (card == all.devices.end()) throw Error(ErrorKind::NotFound, "There is no such graphics card.", printable(uuid));
    ThreadPool pool;
    const auto progress = [&](const Progress& p) {
        print({{"progress",
                {{"stage", p.stage}, {"item", p.item}, {"fraction", p.fraction}, {"secondsLeft", p.secondsLeft}}}});
    };
    print({{"verdict", verdictJson(judge(*card, testCard(pool, *card, cardOptions(*card), progress, {})))}});
}

bool mayUse(const VulkanDevice& card, const std::optional<CardVerdict>& verdict, std::string& why) {
    if (!card.usable)
        why = card.whyNot;
    else if (verdict && !verdict->usable)
        why = verdict->whyNot;
    else
        return true;
    return false;
}

bool worthUsing(const VulkanDevice& card, const CardVerdict& verdict, std::string& why) {
    const SelfTest& test = verdict.test;
    if (!verdict.usable) {
        why = verdict.whyNot;
    } else if (const double writes = test.card.weightBytes / test.processor.weightBytes,
               reads = test.card.macs / test.processor.macs;
               writes < kSlowestWriting || writes * reads < kWorthwhile) {
        why = nibble::format(
            "%s is not faster than the processor: in its test it wrote at %.0f %% and read at %.0f %% of "
            "the processor's speed.",
            card.name.c_str(), 100 * writes, 100 * reads);
    } else {
        return true;
    }
    return false;
}

} // namespace nibble
