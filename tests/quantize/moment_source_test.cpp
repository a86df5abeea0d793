// The second moments of a model's inputs: against those of the whole text at once, in whatever order they are asked
// for.
#include "sample_text.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <models/changed_source.h>
#include <nibble/error.h>
#include <process.h>
#include <quantize/moment_source.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;
using Moments = std::map<std::string, std::vector<float>>;

/// Another source's tensors in another order.
class Reordered final : public ChangedSource {
public:
    Reordered(const ModelSource& source, std::vector<WeightRows> tensors) : ChangedSource(source) {
        m_tensors = std::move(tensors);
    }
};

class MomentsOfAModel : public testing::Test {
protected:
    void SetUp() override {
        source = openModel(fs::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf");
        text = test::sampleIn(folder.path(), 3000, 600);
    }
    /// Of all tensors, in the source's order.
    Moments momentsOf(const ModelSource& model) {
        MomentSource moments(model, text, pool, {}, {});
        Moments all;
        for (std::size_t t = 0; t < model.tensors().size(); ++t)
            if (const auto found = moments.of(t)) all[model.tensors()[t].name] = *found;
        return all;
    }

    test::TempFolder folder;
    ThreadPool pool{2};
    std::unique_ptr<ModelSource> source;
    CalibrationOptions text;
};

TEST_F(MomentsOfAModel, AreThoseOfTheTextReadAtOnce) {
    ObservedBackend backend(makeCpuBackend(pool), pool);
    std::set<std::string> names;
    for (const WeightRows& tensor : source->tensors())
        if (MomentSource::eligible(tensor)) names.insert(tensor.name);
    const ModelOnBackend model = placeModel(backend, *source, kPieceTokens, KvFormat::F16, kPieceTokens, 1);
    backend.sumMoments(names);
    for (const std::vector<int32_t>& piece : calibrationPieces(*source, text).pieces)
        forwardHidden(backend, model, piece, 0, int32_t(piece.size()));

    const Moments ours = momentsOf(*source);
    EXPECT_GE(ours.size(), 14u);
    for (const ObservedBackend::Inputs& in : backend.inputs()) {
        if (!in.moments) continue;
        ASSERT_TRUE(ours.contains(in.name)) << in.name;
        const std::vector<float>& moments = ours.at(in.name);
        const std::size_t n = in.sumOfSquares.size();
        ASSERT_EQ(moments.size(), n * n);
        for (std::size_t j = 0; j < n; ++j) {
            EXPECT_NEAR(moments[j * n + j] / in.sumOfSquares[j], 1, 1e-4);
            for (std::size_t i = 0; i <= j; ++i) {
                ASSERT_EQ(moments[j * n + i], (*in.moments)[j * n + i]) << in.name << " " << i << " " << j;
                ASSERT_EQ(moments[i * n + j], moments[j * n + i]);
            }
        }
    }
    EXPECT_EQ(ours.at("blk.0.attn_q.weight"), ours.at("blk.0.attn_k.weight"));
    EXPECT_EQ(MomentSource::readings(*source), 1);
}

TEST_F(MomentsOfAModel, AreTheSameInEveryOrderOfTensors) {
    const Moments expected = momentsOf(*source);
    std::vector<WeightRows> tensors(source->tensors().begin(), source->tensors().end());
    std::ranges::reverse(tensors);
    EXPECT_EQ(momentsOf(Reordered(*source, tensors)), expected);
    // By kind, and layers within, so that each layer is come back to.
    std::ranges::sort(tensors, {}, [](const WeightRows& t) { return t.name.substr(t.name.find_last_of('.', 12)); });
    EXPECT_EQ(momentsOf(Reordered(*source, tensors)), expected);
}

TEST_F(MomentsOfAModel, BeginInTheMiddleForAJobThatGoesOn) {
    const Moments expected = momentsOf(*source);
    MomentSource moments(*source, text, pool, {}, {});
    const auto tensors = source->tensors();
    const auto last = std::ranges::find(tensors, std::string("blk.1.ffn_down.weight"), &WeightRows::name);
    ASSERT_NE(last, tensors.end());
    EXPECT_EQ(*moments.of(std::size_t(last - tensors.begin())), expected.at("blk.1.ffn_down.weight"));
}

TEST_F(MomentsOfAModel, StopWhenAsked) {
    std::stop_source stop;
    int reports = 0;
    const ProgressFn progress = [&](const Progress& p) {
        EXPECT_EQ(p.item, "layer 1 of " + std::to_string(planOf(*source).layers.size()));
        ++reports;
        stop.request_stop();
    };
    MomentSource moments(*source, text, pool, progress, stop.get_token());
    const auto all = [&] {
        for (std::size_t t = 0; t < source->tensors().size(); ++t) moments.of(t);
    };
    try {
        all();
        ADD_FAILURE() << "it went on";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Canceled);
    }
    EXPECT_EQ(reports, 1);
}

} // namespace
} // namespace nibble
