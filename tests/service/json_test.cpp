#include <gtest/gtest.h>
#include <nibble/json.h>

using namespace nibble;

TEST(Json, NumbersReadAsPeopleWroteThem) {
    Sampling sampling;
    EXPECT_EQ(toJson(sampling)["temperature"].dump(), "0.8");
    EXPECT_EQ(toJson(sampling)["topP"].dump(), "0.95");
    sampling.seed = kMaxSeed;
    EXPECT_EQ(toJson(sampling)["seed"].dump(), "9007199254740991");
}

TEST(Json, ErrorsCarryTheirKind) {
    const nlohmann::json error = toJson(Error(ErrorKind::NoSpace, "Full.", "/x", "Make room."));
    EXPECT_EQ(error["kind"], "no-space");
    EXPECT_EQ(error["message"], "Full.");
    EXPECT_EQ(error["detail"], "/x");
    EXPECT_EQ(error["whatToDo"], "Make room.");
}

TEST(Json, ProgressAndVerdicts) {
    EXPECT_EQ(toJson(Progress{"Reading", "x", 0.5, -1})["secondsLeft"], -1);
    Estimate estimate;
    EXPECT_EQ(toJson(estimate)["verdict"]["fit"], "does-not-fit");
    estimate.verdict.fit = Fit::FitsPartly;
    EXPECT_EQ(toJson(estimate)["verdict"]["fit"], "fits-partly");
    Generated generated;
    generated.finish = Finish::ContextFull;
    EXPECT_EQ(toJson(generated)["finish"], "context-full");
}
