// What tokens pass besides the experts they choose: Qwen 3.5's gated expert and Gemma 4's feed-forward part.
#include "fake_source.h"
#include "recording_backend.h"

#include <algorithm>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>

namespace nibble {
namespace {

test::FakeSource golden(const std::string& name) {
    const auto source = openModel(test::goldenDir("gguf/" + name + ".gguf"));
    test::FakeSource copy;
    copy.keys = source->metadata();
    for (const WeightRows& rows : source->tensors()) copy.weights.push_back(rows);
    return copy;
}

std::string faultOf(const ModelSource& source) {
    try {
        test::RecordingBackend backend;
        placeModel(backend, source, 64, KvFormat::F32, 8, 1);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::BadFile);
        return error.detail;
    }
    return "accepted";
}

/// The sum of the experts is normed by itself, so it must not land in the hidden state.
TEST(SharedExperts, OfGemma4AreAddedBehindNormsOfTheirOwn) {
    test::RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, golden("gemma4_moe"), 64, KvFormat::F32, 5, 5);
    forward(backend, model, std::vector<int32_t>{5, 9, 17, 33, 65}, 0, 5);
    const std::vector<std::string> expected = {
        "norm/64 x[0+5] * blk.0.ffn_gate_inp.scale -> x_norm[0+5]",
        "matmul x_norm[0+5]: blk.0.ffn_gate_inp.weight -> router[0+5]",
        "scale router[0+5]",
        "route router[0+5] * blk.0.ffn_down_exps.scale",
        "norm/64 x[0+5] * blk.0.pre_ffw_norm_2.weight -> x_norm[0+5]",
        "experts x_norm[0+5]: blk.0.ffn_gate_up_exps.weight -> gate[0+10] blk.0.ffn_gate_up_exps.weight -> up[0+10]",
        "activation gate[0+10] up[0+10] -> gate[0+10]",
        "experts gate[0+10]: blk.0.ffn_down_exps.weight -> experts[0+10]",
        "mix experts[0+10] -> mixed[0+5]",
        "norm/64 mixed[0+5] * blk.0.post_ffw_norm_2.weight -> mixed[0+5]",
        "norm/64 x[0+5] * blk.0.ffn_norm.weight -> x_norm[0+5]",
    };
    EXPECT_FALSE(std::ranges::search(backend.calls, expected).empty());
}

TEST(SharedExperts, OfQwenAreDimmedTokenByToken) {
    test::RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, golden("qwen3_5_moe"), 64, KvFormat::F32, 5, 1);
    forward(backend, model, std::vector<int32_t>{5, 9, 17, 33, 65}, 0, 1);
    const auto has = [&](const std::string& call) { return std::ranges::count(backend.calls, call) > 0; };
    EXPECT_TRUE(has("dim shared_gate[0+5] by dim[0+5]"));
    EXPECT_TRUE(has("dim shared_gate[4+1] by dim[0+1]")) << "of the last layer only the last token counts";
    EXPECT_TRUE(has("matmul shared_gate[4+1]: blk.3.ffn_down_shexp.weight -> x[4+1] + x[4+1]"));
}

TEST(SharedExperts, AreMissedByName) {
    test::FakeSource qwen = golden("qwen3_5_moe"), gemma = golden("gemma4_moe");
    qwen.drop("blk.2.ffn_gate_inp_shexp.weight");
    EXPECT_NE(faultOf(qwen).find("blk.2.ffn_gate_inp_shexp.weight is missing"), std::string::npos);
    gemma.drop("blk.1.ffn_down_exps.scale");
    EXPECT_NE(faultOf(gemma).find("blk.1.ffn_down_exps.scale is missing"), std::string::npos);
    for (const char* key : {"expert_count", "expert_shared_feed_forward_length"}) {
        qwen.keys.set(std::string("qwen35moe.") + key, uint32_t(0));
        EXPECT_NE(faultOf(qwen).find(key), std::string::npos) << faultOf(qwen);
        qwen = golden("qwen3_5_moe");
    }
    gemma.keys.set("gemma4.expert_feed_forward_length", uint32_t(0));
    EXPECT_NE(faultOf(gemma).find("expert_feed_forward_length"), std::string::npos) << faultOf(gemma);
}

} // namespace
} // namespace nibble
