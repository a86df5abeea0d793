#include "fake_source.h"

#include <cmath>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <nibble/error.h>
#include <set>

namespace nibble {
namespace {

using test::FakeSource;
using test::tinySource;

/// The error that planOf throws; fails the test where it throws none.
Error planError(const FakeSource& source) {
    try {
        planOf(source);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "planOf() accepted the model";
    return Error(ErrorKind::Internal, "");
}

TEST(Architectures, AreFoundByBothNames) {
    std::set<std::string_view> names;
    for (const Architecture* a : architectures()) {
        EXPECT_TRUE(names.insert(a->name).second) << a->name << " is listed twice";
        EXPECT_EQ(findArchitecture(a->name), a);
        for (std::string_view type : a->huggingFaceTypes) EXPECT_EQ(findHuggingFaceType(type), a);
    }
    EXPECT_EQ(findHuggingFaceType("mistral"), findArchitecture("llama"));
    EXPECT_EQ(findArchitecture("no-such"), nullptr);
    EXPECT_EQ(findHuggingFaceType(""), nullptr);
}

TEST(Plan, ReadsTheCommonKeysAndTheirDefaults) {
    const ModelPlan plan = planOf(tinySource());
    EXPECT_EQ(plan.architecture, "llama");
    EXPECT_EQ(plan.vocabSize, 40);
    EXPECT_EQ(plan.embedding, 64);
    EXPECT_EQ(plan.contextLength, 256);
    ASSERT_EQ(plan.layers.size(), 2u);
    const LayerPlan& layer = plan.layers[1];
    EXPECT_EQ(layer.nHeads, 4);
    EXPECT_EQ(layer.nKvHeads, 2);
    EXPECT_EQ(layer.keyDim, 16);
    EXPECT_EQ(layer.valueDim, 16);
    EXPECT_EQ(layer.feedForward, 96);
    EXPECT_EQ(layer.window, 0);
    EXPECT_FLOAT_EQ(layer.attentionScale, 0.25f);
    ASSERT_EQ(plan.ropes.size(), 1u);
    EXPECT_EQ(plan.ropes[0].kind, RopeKind::Norm);
    ASSERT_EQ(plan.ropes[0].frequencies.size(), 8u);
    EXPECT_FLOAT_EQ(plan.ropes[0].frequencies[0], 1);
    EXPECT_FLOAT_EQ(plan.ropes[0].frequencies[4], 0.01f); // 10000^(-8/16)
    EXPECT_FLOAT_EQ(plan.ropes[0].magnitude, 1);
}

TEST(Plan, TakesHeadCountsPerLayerAndExplicitHeadWidths) {
    FakeSource s = tinySource("qwen3");
    s.keys.set("qwen3.attention.head_count", std::vector<int32_t>{4, 8});
    s.keys.set("qwen3.attention.head_count_kv", std::vector<uint32_t>{4, 2});
    s.keys.set("qwen3.attention.key_length", uint32_t(32));
    s.keys.set("qwen3.attention.value_length", uint32_t(24));
    const ModelPlan plan = planOf(s);
    EXPECT_EQ(plan.qkNorm, QkNorm::PerHead);
    EXPECT_EQ(plan.ropes[0].kind, RopeKind::Neox);
    EXPECT_EQ(plan.layers[0].nKvHeads, 4);
    EXPECT_EQ(plan.layers[1].nHeads, 8);
    EXPECT_EQ(plan.layers[1].keyDim, 32);
    EXPECT_EQ(plan.layers[1].valueDim, 24);

    FakeSource noKv = tinySource();
    noKv.keys.remove("llama.attention.head_count_kv");
    EXPECT_EQ(planOf(noKv).layers[0].nKvHeads, 4);
}

TEST(Plan, NamesAnUnknownArchitectureAndListsWhatWorks) {
    FakeSource s = tinySource();
    s.keys.set("general.architecture", std::string("mamba9"));
    const Error error = planError(s);
    EXPECT_EQ(error.kind, ErrorKind::Unsupported);
    EXPECT_NE(error.message.find("mamba9"), std::string::npos);
    for (const Architecture* a : architectures()) EXPECT_NE(error.whatToDo.find(a->name), std::string::npos);
    EXPECT_NE(error.whatToDo.find("made smaller"), std::string::npos);
}

TEST(Plan, SaysWhatAKnownKindThatItCannotRunWouldNeed) {
    for (const auto& [kind, part] : {std::pair("deepseek2", "latent attention"),
                                     {"qwen3next", "recurrent"},
                                     {"mamba2", "state-space"},
                                     {"bert", "does not write"}}) {
        FakeSource s = tinySource();
        s.keys.set("general.architecture", std::string(kind));
        EXPECT_NE(planError(s).message.find(part), std::string::npos) << planError(s).message;
    }
}

struct BadKey {
    const char* key;
    GgufValue value;
    ErrorKind kind;
};

TEST(Plan, RefusesKeysThatMakeNoSenseAndNamesThem) {
    const BadKey kBad[] = {
        {"llama.context_length", uint32_t(0), ErrorKind::BadFile},
        {"llama.embedding_length", int32_t(-64), ErrorKind::BadFile},
        {"llama.embedding_length", uint64_t(1) << 40, ErrorKind::BadFile},
        {"llama.embedding_length", std::string("64"), ErrorKind::BadFile},
        {"llama.block_count", uint32_t(4000000000), ErrorKind::BadFile},
        {"llama.feed_forward_length", std::vector<uint32_t>{96, 96, 96}, ErrorKind::BadFile},
        {"llama.attention.head_count", uint32_t(0), ErrorKind::BadFile},
        {"llama.attention.head_count", uint32_t(6), ErrorKind::BadFile},    // 64 / 6
        {"llama.attention.head_count_kv", uint32_t(3), ErrorKind::BadFile}, // 4 / 3
        {"llama.attention.layer_norm_rms_epsilon", -1.0f, ErrorKind::BadFile},
        {"llama.attention.layer_norm_rms_epsilon", NAN, ErrorKind::BadFile},
        {"llama.rope.dimension_count", uint32_t(7), ErrorKind::BadFile},
        {"llama.rope.dimension_count", uint32_t(18), ErrorKind::BadFile}, // a head has 16
        {"llama.rope.freq_base", 0.0f, ErrorKind::BadFile},
        {"llama.rope.scaling.factor", -2.0f, ErrorKind::BadFile},
        {"llama.rope.scaling.type", std::string("longrope"), ErrorKind::Unsupported},
        {"llama.expert_shared_count", uint32_t(1), ErrorKind::Unsupported},
        {"llama.leading_dense_block_count", uint32_t(1), ErrorKind::Unsupported},
        {"llama.logit_scale", 0.5f, ErrorKind::Unsupported},
        {"llama.attention.causal", false, ErrorKind::Unsupported},
        {"llama.attention.temperature_scale", 0.1f, ErrorKind::Unsupported},
        {"llama.rope.dimension_sections", std::vector<int32_t>{4, 4, 0, 0}, ErrorKind::Unsupported},
    };
    for (const BadKey& bad : kBad) {
        FakeSource s = tinySource();
        s.keys.set(bad.key, bad.value);
        const Error error = planError(s);
        EXPECT_EQ(error.kind, bad.kind) << bad.key << ": " << error.what();
        EXPECT_NE(error.detail.find(bad.key), std::string::npos) << error.what();
        EXPECT_NE(error.detail.find("fake.gguf"), std::string::npos) << error.what();
    }
}

TEST(Plan, ReadsHowExpertsAreChosen) {
    FakeSource s = tinySource();
    s.keys.set("llama.expert_count", uint32_t(8));
    s.keys.set("llama.expert_used_count", uint32_t(2));
    ModelPlan plan = planOf(s);
    EXPECT_EQ(plan.router.experts, 8);
    EXPECT_EQ(plan.router.used, 2);
    EXPECT_TRUE(plan.router.normalised);
    EXPECT_EQ(plan.router.scale, 1);
    EXPECT_EQ(plan.layers[1].feedForward, 96);
    s.keys.set("llama.expert_feed_forward_length", uint32_t(32));
    s.keys.set("llama.expert_weights_norm", false);
    s.keys.set("llama.expert_weights_scale", 2.5f);
    plan = planOf(s);
    EXPECT_FALSE(plan.router.normalised);
    EXPECT_EQ(plan.router.scale, 2.5f);
    EXPECT_EQ(plan.layers[1].feedForward, 32);
    s.keys.set("llama.expert_gating_func", uint32_t(3)); // softmax over the chosen ones
    EXPECT_TRUE(planOf(s).router.normalised);

    for (const BadKey& bad : {BadKey{"llama.expert_count", uint32_t(1000000), ErrorKind::BadFile},
                              {"llama.expert_count", uint32_t(1), ErrorKind::BadFile}, // and uses two
                              {"llama.expert_used_count", uint32_t(9), ErrorKind::BadFile},
                              {"llama.expert_used_count", uint32_t(0), ErrorKind::BadFile},
                              {"llama.expert_feed_forward_length", uint32_t(0), ErrorKind::BadFile},
                              {"llama.expert_weights_scale", NAN, ErrorKind::BadFile},
                              {"llama.expert_gating_func", uint32_t(2), ErrorKind::Unsupported}}) {
        FakeSource wrong = s;
        wrong.keys.set(bad.key, bad.value);
        EXPECT_EQ(planError(wrong).kind, bad.kind) << bad.key;
    }
    s.keys.remove("llama.expert_used_count");
    EXPECT_NE(planError(s).detail.find("expert_used_count"), std::string::npos);
    FakeSource dense = tinySource("qwen3"); // has no experts in any released model
    dense.keys.set("qwen3.expert_count", uint32_t(8));
    EXPECT_EQ(planError(dense).kind, ErrorKind::Unsupported);
}

TEST(Plan, RefusesMissingKeysAndNamesThem) {
    for (const char* key : {"context_length", "embedding_length", "block_count", "feed_forward_length",
                            "attention.head_count", "attention.layer_norm_rms_epsilon"}) {
        FakeSource s = tinySource();
        s.keys.remove(std::string("llama.") + key);
        const Error error = planError(s);
        EXPECT_EQ(error.kind, ErrorKind::BadFile);
        EXPECT_NE(error.detail.find(key), std::string::npos) << error.what();
    }
    FakeSource s = tinySource();
    s.drop("token_embd.weight");
    EXPECT_NE(planError(s).detail.find("token_embd.weight"), std::string::npos);
}

TEST(Plan, DividesFrequenciesForLinearScaling) {
    for (const char* key : {"llama.rope.scaling.factor", "llama.rope.scale_linear"}) {
        FakeSource s = tinySource();
        s.keys.set(key, 4.0f);
        EXPECT_FLOAT_EQ(planOf(s).ropes[0].frequencies[0], 0.25f) << key;
    }
    FakeSource none = tinySource();
    none.keys.set("llama.rope.scaling.type", std::string("none"));
    none.keys.set("llama.rope.scaling.factor", 4.0f);
    EXPECT_FLOAT_EQ(planOf(none).ropes[0].frequencies[0], 1);
}

/// Expected frequencies: the formula of transformers' _compute_yarn_parameters, evaluated in Python.
TEST(Plan, ComputesYarnAsTransformersDoes) {
    FakeSource s = tinySource("qwen2");
    s.keys.set("qwen2.context_length", uint32_t(131072));
    s.keys.set("qwen2.attention.key_length", uint32_t(128));
    s.keys.set("qwen2.rope.freq_base", 1e6f);
    s.keys.set("qwen2.rope.scaling.type", std::string("yarn"));
    s.keys.set("qwen2.rope.scaling.factor", 4.0f);
    s.keys.set("qwen2.rope.scaling.original_context_length", uint32_t(32768));
    RopeSpec rope = planOf(s).ropes[0];
    ASSERT_EQ(rope.frequencies.size(), 64u);
    const std::pair<std::size_t, float> kExpected[] = {{0, 1.00000000e+00f},  {20, 1.33352143e-02f},
                                                       {25, 4.13173802e-03f}, {30, 1.06436098e-03f},
                                                       {40, 4.44569853e-05f}, {63, 3.10234440e-07f}};
    for (const auto& [i, f] : kExpected) EXPECT_NEAR(rope.frequencies[i] / f, 1, 1e-6) << i;
    EXPECT_FLOAT_EQ(rope.magnitude, 1.13862944f); // 0.1 ln 4 + 1

    s.keys.set("qwen2.rope.scaling.yarn_attn_factor", 1.5f);
    EXPECT_FLOAT_EQ(planOf(s).ropes[0].magnitude, 1.5f);

    s.keys.set("qwen2.attention.key_length", uint32_t(64));
    s.keys.set("qwen2.rope.freq_base", 150000.0f);
    s.keys.set("qwen2.rope.scaling.factor", 32.0f);
    s.keys.set("qwen2.rope.scaling.original_context_length", uint32_t(4096));
    s.keys.set("qwen2.rope.scaling.yarn_truncate", false);
    rope = planOf(s).ropes[0];
    const std::pair<std::size_t, float> kSmooth[] = {{0, 1.00000000e+00f},
                                                     {8, 5.08132748e-02f},
                                                     {12, 6.79495949e-03f},
                                                     {16, 4.56483919e-04f},
                                                     {31, 3.02351143e-07f}};
    for (const auto& [i, f] : kSmooth) EXPECT_NEAR(rope.frequencies[i] / f, 1, 1e-6) << i;
}

TEST(Plan, DividesFrequenciesByTheFactorsTensor) {
    FakeSource s = tinySource();
    s.tensor("rope_freqs.weight", 8, 1, {1, 2, 4, 8, 8, 8, 8, 8});
    const std::vector<float> f = planOf(s).ropes[0].frequencies;
    EXPECT_FLOAT_EQ(f[0], 1);
    EXPECT_FLOAT_EQ(f[4], 0.01f / 8);

    s.tensor("rope_freqs.weight", 8); // zeros
    EXPECT_EQ(planError(s).kind, ErrorKind::BadFile);
    s.tensor("rope_freqs.weight", 4, 1, {1, 1, 1, 1});
    EXPECT_NE(planError(s).detail.find("rope_freqs.weight"), std::string::npos);
}

TEST(Plan, HonoursSlidingWindowsWhereTheArchitectureHasThem) {
    FakeSource mistral = tinySource("llama");
    mistral.keys.set("llama.attention.sliding_window", uint32_t(7));
    EXPECT_EQ(planOf(mistral).layers[0].window, 7);
    EXPECT_EQ(planOf(mistral).layers[1].window, 7);

    FakeSource qwen = tinySource("qwen2"); // config.json names a window that use_sliding_window switches off
    qwen.keys.set("qwen2.attention.sliding_window", uint32_t(7));
    EXPECT_EQ(planOf(qwen).layers[0].window, 0);
    qwen.keys.set("qwen2.attention.sliding_window_pattern", std::vector<bool>{false, true});
    EXPECT_EQ(planOf(qwen).layers[0].window, 0);
    EXPECT_EQ(planOf(qwen).layers[1].window, 7);
    qwen.keys.set("qwen2.attention.sliding_window_pattern", uint32_t(2)); // every second layer sees all
    EXPECT_EQ(planOf(qwen).layers[0].window, 7);
    EXPECT_EQ(planOf(qwen).layers[1].window, 0);
    qwen.keys.set("qwen2.attention.sliding_window_pattern", std::vector<bool>{true});
    EXPECT_EQ(planError(qwen).kind, ErrorKind::BadFile);
}

TEST(Plan, ChoosesLongRopeByTheContextOfTheSession) {
    FakeSource s = tinySource("phi3");
    s.keys.set("phi3.rope.scaling.original_context_length", uint32_t(32));
    s.keys.set("phi3.rope.scaling.attn_factor", 1.25f);
    s.tensor("rope_factors_long.weight", 8, 1, {4, 4, 4, 4, 4, 4, 4, 4});
    EXPECT_NE(planError(s).detail.find("only rope_factors_long.weight"), std::string::npos);
    s.tensor("rope_factors_short.weight", 8, 1, {2, 2, 2, 2, 2, 2, 2, 2});
    EXPECT_FLOAT_EQ(planOf(s, 32).ropes[0].frequencies[0], 0.5f);
    EXPECT_FLOAT_EQ(planOf(s, 33).ropes[0].frequencies[0], 0.25f);
    EXPECT_FLOAT_EQ(planOf(s).ropes[0].frequencies[0], 0.25f) << "the model's whole context";
    EXPECT_FLOAT_EQ(planOf(s, 32).ropes[0].magnitude, 1.25f);
    s.keys.remove("phi3.rope.scaling.original_context_length");
    EXPECT_NE(planError(s).detail.find("original_context_length"), std::string::npos);
}

TEST(Plan, CoolsAttentionDownWithDistance) {
    FakeSource s = tinySource("mistral3");
    s.keys.set("mistral3.rope.scaling.original_context_length", uint32_t(16));
    EXPECT_EQ(planOf(s).ropes.size(), 1u);
    s.keys.set("mistral3.attention.temperature_scale", 0.5f);
    const ModelPlan plan = planOf(s);
    ASSERT_EQ(plan.ropes.size(), 2u);
    EXPECT_EQ(plan.layers[1].rope, 0);
    EXPECT_EQ(plan.layers[1].queryRope, 1);
    EXPECT_FLOAT_EQ(plan.ropes[0].magnitudeAt(100), 1);
    EXPECT_FLOAT_EQ(plan.ropes[1].magnitudeAt(15), 1);
    EXPECT_FLOAT_EQ(plan.ropes[1].magnitudeAt(16), 1 + 0.5f * std::log(2.f));
    EXPECT_FLOAT_EQ(plan.ropes[1].magnitudeAt(47), 1 + 0.5f * std::log(3.f));
    s.keys.set("mistral3.rope.dimension_count", uint32_t(8)); // half a head
    EXPECT_EQ(planError(s).kind, ErrorKind::Unsupported);
}

TEST(Plan, KnowsWhatGemmasFilesLeaveUnsaid) {
    FakeSource two = tinySource("gemma2");
    ModelPlan plan = planOf(two);
    EXPECT_FLOAT_EQ(plan.embeddingScale, 8);
    EXPECT_FLOAT_EQ(plan.logitSoftcap, 30);
    EXPECT_FLOAT_EQ(plan.layers[1].softcap, 50);
    EXPECT_EQ(plan.layers[0].window, 4096);
    EXPECT_EQ(plan.layers[1].window, 0);
    EXPECT_FLOAT_EQ(plan.layers[0].attentionScale, 0.25f);
    EXPECT_EQ(plan.activation, Activation::GeluTanh);
    two.keys.set("gemma2.block_count", uint32_t(46)); // 27B: of the width over the heads, not of the head
    two.keys.set("gemma2.attention.key_length", uint32_t(32));
    EXPECT_FLOAT_EQ(planOf(two).layers[0].attentionScale, 0.25f);
    two.keys.set("gemma2.block_count", uint32_t(42));
    EXPECT_FLOAT_EQ(planOf(two).layers[0].attentionScale, 1 / std::sqrt(32.f));

    FakeSource three = tinySource("gemma3");
    three.keys.set("gemma3.block_count", uint32_t(7));
    three.keys.set("gemma3.attention.sliding_window", uint32_t(8));
    three.keys.set("gemma3.rope.freq_base", 1e6f);
    three.keys.set("gemma3.rope.scaling.factor", 8.0f);
    plan = planOf(three);
    EXPECT_EQ(plan.layers[4].window, 8);
    EXPECT_EQ(plan.layers[5].window, 0);
    EXPECT_EQ(plan.layers[5].rope, 0);
    EXPECT_EQ(plan.layers[6].rope, 1);
    EXPECT_EQ(plan.layers[6].queryRope, 1);
    EXPECT_FLOAT_EQ(plan.ropes[0].frequencies[0], 0.125f);
    EXPECT_FLOAT_EQ(plan.ropes[1].frequencies[0], 1) << "windowed layers are not stretched";
    EXPECT_FLOAT_EQ(plan.ropes[1].frequencies[4], 0.01f);
}

TEST(Plan, ReadsGranitesFactorsAndLeavesOutPositions) {
    FakeSource s = tinySource("granite");
    s.keys.set("granite.embedding_scale", 12.0f);
    s.keys.set("granite.residual_scale", 0.25f);
    s.keys.set("granite.logit_scale", 8.0f);
    s.keys.set("granite.attention.scale", 0.5f);
    ModelPlan plan = planOf(s);
    EXPECT_FLOAT_EQ(plan.embeddingScale, 12);
    EXPECT_FLOAT_EQ(plan.residualScale, 0.25f);
    EXPECT_FLOAT_EQ(plan.logitScale, 0.125f);
    EXPECT_FLOAT_EQ(plan.layers[0].attentionScale, 0.5f);
    EXPECT_EQ(plan.layers[0].rope, 0);
    s.keys.set("granite.rope.scaling.finetuned", false);
    EXPECT_EQ(planOf(s).layers[0].rope, -1);

    FakeSource smol = tinySource("smollm3");
    smol.keys.set("smollm3.block_count", uint32_t(5));
    plan = planOf(smol);
    EXPECT_EQ(plan.layers[2].rope, 0);
    EXPECT_EQ(plan.layers[3].rope, -1);
    EXPECT_EQ(plan.layers[4].rope, 0);
}

TEST(Plan, RefusesPositionsOfWindowedLayersThatItDoesNotKnow) {
    FakeSource s = tinySource();
    s.keys.set("llama.rope.freq_base_swa", 5000.0f);
    EXPECT_NO_THROW(planOf(s)) << "there is no window";
    s.keys.set("llama.attention.sliding_window", uint32_t(7));
    EXPECT_NE(planError(s).detail.find("rope.freq_base_swa"), std::string::npos);
    s.keys.set("llama.rope.freq_base_swa", 10000.0f);
    EXPECT_NO_THROW(planOf(s)) << "the same as of the others";
}

} // namespace
} // namespace nibble
