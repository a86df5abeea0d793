// What becomes of a card's self-test: helpers that crash, hang or lie, and verdicts that are kept.
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/generate.h>
#include <process.h>
#include <run/card_test.h>
#include <run/placement.h>

namespace nibble {
namespace {

constexpr const char* kPassed =
    R"({"verdict":{"usable":true,"whyNot":"","integerDot":true,"matrixUnits":false,"checks":[
    {"what":"norms","neededBy":"every model","format":"F32","integerDot":false,"matrixUnits":false,"error":1e-9,"problem":""},
    {"what":"Q6_K","neededBy":"format","format":"Q6_K","integerDot":false,"matrixUnits":false,"error":0.5,"problem":"Wrong results."}],
    "card":{"weightBytes":4e11,"macs":2e13},"processor":{"weightBytes":4e10,"macs":1e11}}})";
constexpr const char* kFailed =
    R"({"verdict":{"usable":false,"whyNot":"It failed its test (norms).","integerDot":false,"matrixUnits":false,
    "checks":[],"card":{"weightBytes":0,"macs":0},"processor":{"weightBytes":0,"macs":0}}})";

std::string onOneLine(std::string text) {
    std::erase(text, '\n');
    return text;
}

/// A helper that prints `lines` and ends as the shell command `end` says; verdicts are kept in a folder of its own.
class CardTest : public testing::Test {
protected:
    void SetUp() override { setenv("XDG_CACHE_HOME", folder.path().c_str(), 1); }
    void TearDown() override {
        unsetenv("XDG_CACHE_HOME");
        setCardTestCommand({});
    }
    void helper(const std::string& lines, const std::string& end = "exit 0") {
        std::ofstream(folder / "lines") << lines << "\n";
        setCardTestCommand({"/bin/sh", "-c", "cat " + (folder / "lines").string() + "; " + end});
    }
    static VulkanDevice card(const std::string& key) {
        VulkanDevice device;
        device.name = "A card";
        device.uuid = "0123";
        device.testKey = key; // verdicts are remembered by it: another one for every test
        return device;
    }
    std::filesystem::path kept(const VulkanDevice& card) const {
        return folder / "nibble" / ("card-test-" + card.testKey + ".json");
    }
    test::TempFolder folder;
};

TEST_F(CardTest, IsKept) {
    helper("driver chatter\n" + onOneLine(kPassed));
    const VulkanDevice device = card("kept");
    EXPECT_FALSE(knownVerdict(device));
    const CardVerdict verdict = testInHelper(device, {}, {});
    EXPECT_TRUE(verdict.usable);
    EXPECT_TRUE(verdict.test.integerDot);
    EXPECT_EQ(verdict.test.refusedFormats(), std::vector<FormatId>{FormatId::Q6_K});
    EXPECT_EQ(verdict.test.card.weightBytes, 4e11);
    ASSERT_TRUE(knownVerdict(device));

    const VulkanDevice again = card("kept-for-later"); // as another process would find it
    copy_file(kept(device), kept(again));
    ASSERT_TRUE(knownVerdict(again));
    EXPECT_EQ(knownVerdict(again)->test.refusedFormats(), verdict.test.refusedFormats());
    EXPECT_EQ(knownVerdict(again)->test.processor.macs, 1e11);
    const VulkanDevice damaged = card("damaged");
    for (const char* text : {"", "{", "{}", R"({"usable":3})"}) {
        std::ofstream(kept(damaged)) << text;
        EXPECT_FALSE(knownVerdict(damaged)) << text;
    }
}

TEST_F(CardTest, OfADriverThatCrashesIsAVerdictToo) {
    int n = 0;
    for (const auto& [lines, end, said] : std::vector<std::array<std::string, 3>>{
             {"", "kill -SEGV $$", "crashed"},
             {onOneLine(kPassed), "kill -ABRT $$", "crashed"}, // a driver that falls over when it is closed
             {"", "exit 8", "exit code 8"},
             {"{\"verdict\":{\"usable\":true}}", "exit 0", "no result"},
             {"", "exit 0", "no result"}}) {
        const VulkanDevice device = card("crash-" + std::to_string(n++));
        helper(lines, end);
        const CardVerdict verdict = testInHelper(device, {}, {});
        EXPECT_FALSE(verdict.usable);
        EXPECT_NE(verdict.whyNot.find(said), std::string::npos) << verdict.whyNot;
        EXPECT_TRUE(exists(kept(device))) << "or every start would crash the driver again";
        std::string why;
        EXPECT_FALSE(worthUsing(device, verdict, why));
        EXPECT_EQ(why, verdict.whyNot);
    }
}

TEST_F(CardTest, ReportsProgress) {
    helper(R"({"progress":{"stage":"Testing","item":"Q4_0","fraction":0.5,"secondsLeft":2}})"
           "\n{\"progress\":3}\n" +
           onOneLine(kPassed));
    std::vector<std::string> items;
    testInHelper(card("progress"), [&](const Progress& p) { items.push_back(p.item); }, {});
    EXPECT_EQ(items, std::vector<std::string>{"Q4_0"});
}

TEST_F(CardTest, DecidesWhetherACardIsWorthUsing) {
    CardVerdict verdict;
    verdict.usable = true;
    verdict.test.processor = {40e9, 100e9};
    std::string why;
    const auto worth = [&](double writes, double reads) {
        verdict.test.card = {40e9 * writes, 100e9 * reads};
        why.clear();
        return worthUsing(card("speed"), verdict, why);
    };
    EXPECT_TRUE(worth(10, 100));
    EXPECT_TRUE(worth(0.9, 3)) << "integrated graphics: the same memory, but it reads faster";
    EXPECT_FALSE(worth(0.5, 100)) << "people wait for what is written";
    EXPECT_FALSE(worth(1, 1));
    EXPECT_NE(why.find("100 %"), std::string::npos) << why;
    EXPECT_FALSE(worth(0.03, 0.03));
}

TEST_F(CardTest, ThatFailedKeepsModelsOffTheCard) {
    const VulkanDevices all = vulkanDevices();
    if (all.devices.empty() || !all.devices[0].usable) GTEST_SKIP() << "no Vulkan device can be used here";
    VulkanDevice device = all.devices[0];
    helper(onOneLine(kFailed));
    testInHelper(device, {}, {});
    LoadOptions options;
    options.model = std::filesystem::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";
    options.device.device = "gpu0";
    EXPECT_EQ(Session::load(options)->info().device, "cpu");
    EXPECT_NE(Session::load(options)->info().deviceReason.find("norms"), std::string::npos);
    EXPECT_FALSE(listDevices().at(1).usable);

    helper(onOneLine(kPassed)); // what it refuses now is not in the model
    testInHelper(device, {}, {});
    EXPECT_EQ(Session::load(options)->info().device, "gpu0");
    const auto source = openModel(options.model);
    const auto inQ6K = withFormats(*source, [](const WeightRows&) { return FormatId::Q6_K; });
    const SessionShape shape = sessionShape(planOf(*source), 128, "f16");
    const Placement placement = choosePlacement(*inQ6K, shape, options.device, bestCpuLevel(), 2);
    EXPECT_TRUE(placement.onlyCpu());
    EXPECT_NE(placement.reason.find("Q6_K"), std::string::npos) << placement.reason;
}

} // namespace
} // namespace nibble
