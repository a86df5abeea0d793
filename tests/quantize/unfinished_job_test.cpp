// Jobs that are continued: only the same job is, and only what is undamaged.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <quantize/unfinished_job.h>
#include <quantize/written_model.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;

class Unfinished : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "nibble-unfinished-XXXXXX").string();
        ASSERT_TRUE(mkdtemp(pattern.data()));
        folder = pattern;
        options.source = folder / "source.gguf";
        options.output = folder / "out.gguf";
        test::writeModel(model(), options.source);
        run();
        expected = bytesOf(options.output);
        fs::remove(options.output);
    }
    void TearDown() override { fs::remove_all(folder); }

    static std::string bytesOf(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    int32_t run(const ProgressFn& progress = {}, std::stop_token stop = {}) const {
        return quantizeModel(options, progress, stop).continuedAt;
    }
    /// Stops in the middle of the tensors; what is finished stays where `kept`.
    void interrupt(bool kept = true) {
        std::stop_source stop;
        options.keepWhenStopped = [kept] { return kept; };
        const auto progress = [&](const Progress& p) {
            if (p.stage == "Making smaller" && p.fraction > 0.3) stop.request_stop();
        };
        EXPECT_THROW(run(progress, stop.get_token()), Error);
        EXPECT_FALSE(fs::exists(options.output));
    }
    void damage(const std::string& name, std::streamoff at) const {
        std::fstream file(hidden() / name, std::ios::in | std::ios::out | std::ios::binary);
        ASSERT_TRUE(file);
        file.seekg(at);
        const char old = char(file.get());
        file.seekp(at);
        file.put(char(old ^ 1));
    }
    fs::path hidden() const { return folder / ".out.gguf.unfinished"; }

    /// Of several chunks, so that there is a middle.
    static const test::MemoryModel& model() {
        static const test::MemoryModel made = test::makeModel({.layers = 3, .width = 768, .feedForward = 2048});
        return made;
    }
    QuantizeOptions options{.recipe = "Q8_0", .threads = 2};
    fs::path folder;
    std::string expected;
};

TEST_F(Unfinished, GoesOnBehindTheFinishedTensors) {
    interrupt();
    const int32_t finished = finishedTensors(options);
    EXPECT_GT(finished, 0);
    EXPECT_LT(finished, int32_t(model().weights.size()));
    ASSERT_EQ(listUnfinished(folder).size(), 1u);
    EXPECT_EQ(listUnfinished(folder)[0].finishedTensors, finished);
    EXPECT_TRUE(listUnfinished(folder)[0].plain);
    EXPECT_EQ(run(), finished);
    EXPECT_EQ(bytesOf(options.output), expected);
    EXPECT_FALSE(fs::exists(hidden()));
}

TEST_F(Unfinished, GoesOnWithTheSameFinerLayers) {
    const fs::path like = folder / "like.gguf";
    run();
    fs::rename(options.output, like);
    options.size.asFile = like;
    options.size.finerLayers = {2, 0};
    run();
    expected = bytesOf(options.output);
    fs::remove(options.output);
    interrupt();
    ASSERT_EQ(listUnfinished(folder).size(), 1u);
    const UnfinishedQuantize job = listUnfinished(folder)[0];
    EXPECT_EQ(job.formatsOf, like);
    EXPECT_EQ(job.finerLayers, (std::vector<int32_t>{2, 0}));
    EXPECT_TRUE(job.plain);
    options.size.finerLayers = {2};
    EXPECT_EQ(finishedTensors(options), 0) << "another job";
    options.size.finerLayers = job.finerLayers;
    EXPECT_GT(run(), 0);
    EXPECT_EQ(bytesOf(options.output), expected);
}

/// The window goes on with plain jobs only.
TEST_F(Unfinished, MoreOptionsThanTheWindowHasAreSaid) {
    options.calibration.tokens = 100;
    interrupt();
    ASSERT_EQ(listUnfinished(folder).size(), 1u);
    EXPECT_FALSE(listUnfinished(folder)[0].plain);
}

TEST_F(Unfinished, StoppedAndFailedJobsLeaveNothing) {
    interrupt(false);
    EXPECT_FALSE(fs::exists(hidden()));
    EXPECT_EQ(run(), 0);
}

TEST_F(Unfinished, OtherOptionsAndAChangedSourceStartAnew) {
    interrupt();
    options.recipe = "BF16";
    EXPECT_EQ(finishedTensors(options), 0);
    options.recipe = "Q8_0";
    EXPECT_GT(finishedTensors(options), 0);
    fs::last_write_time(options.source, fs::last_write_time(options.source) + std::chrono::seconds(1));
    EXPECT_EQ(finishedTensors(options), 0);
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(bytesOf(options.output), expected);
}

TEST_F(Unfinished, DamagedTensorsAreMadeAgain) {
    interrupt();
    const int32_t finished = finishedTensors(options);
    ASSERT_GT(finished, 1);
    damage("model.gguf", std::streamoff(fs::file_size(hidden() / "model.gguf")) / 2);
    const int32_t before = run();
    EXPECT_LT(before, finished) << "the damaged one and those behind it are not believed";
    EXPECT_EQ(bytesOf(options.output), expected);
}

TEST_F(Unfinished, ADamagedHeaderOrJournalIsNotBelieved) {
    for (const char* name : {"model.gguf", "tensors", "job.json"}) {
        fs::remove(options.output);
        interrupt();
        damage(name, name == std::string("job.json") ? 3 : 0);
        EXPECT_EQ(run(), 0) << name;
        EXPECT_EQ(bytesOf(options.output), expected) << name;
    }
}

TEST_F(Unfinished, TwoJobsDoNotWriteTheSameFile) {
    const auto source = openModel(options.source);
    const auto other = UnfinishedJob::open(options.output, identityOf(*source, options));
    ASSERT_TRUE(other);
    EXPECT_TRUE(listUnfinished(folder).empty()) << "it runs";
    try {
        run();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::BadRequest);
        EXPECT_NE(error.message.find("Another job"), std::string::npos);
    }
    EXPECT_THROW(discardUnfinished(options.output), Error);
}

} // namespace
} // namespace nibble
