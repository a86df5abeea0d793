#include <base/progress.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <thread>
#include <vector>

namespace nibble {
namespace {

TEST(ProgressMeter, ReportsRarelyAndEndsWithAll) {
    std::vector<Progress> reports;
    ProgressMeter meter([&](const Progress& p) { reports.push_back(p); }, {}, "Reading", 1000);
    for (int i = 0; i <= 1000; ++i) meter.update(i, "item");
    meter.finish();
    ASSERT_GE(reports.size(), 2u); // the first comes at once
    EXPECT_LE(reports.size(), 20u);
    EXPECT_EQ(reports.front().stage, "Reading");
    EXPECT_EQ(reports.front().item, "item");
    EXPECT_EQ(reports.back().fraction, 1);
}

TEST(ProgressMeter, ForecastsTheTimeLeft) {
    Progress last;
    ProgressMeter meter([&](const Progress& p) { last = p; }, {}, "Reading", 4);
    meter.update(1);
    EXPECT_LT(last.secondsLeft, 0) << "too early to know";
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    meter.update(1);
    EXPECT_DOUBLE_EQ(last.fraction, 0.25);
    EXPECT_NEAR(last.secondsLeft, 1.8, 0.6);
}

TEST(ProgressMeter, ThrowsWhenStopped) {
    std::stop_source stop;
    ProgressMeter meter({}, stop.get_token(), "Reading", 10);
    meter.update(1);
    stop.request_stop();
    try {
        meter.update(2);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind, ErrorKind::Canceled);
    }
}

TEST(ProgressMeter, SurvivesATotalOfNothing) {
    Progress last;
    ProgressMeter meter([&](const Progress& p) { last = p; }, {}, "Reading", 0);
    meter.update(5);
    EXPECT_EQ(last.fraction, 0);
}

} // namespace
} // namespace nibble
