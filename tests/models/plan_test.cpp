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
        {"llama.expert_count", uint32_t(8), ErrorKind::Unsupported},
        {"llama.logit_scale", 0.5f, ErrorKind::Unsupported},
        {"llama.attention.causal", false, ErrorKind::Unsupported},
        {"llama.attention.temperature_scale", 0.1f, ErrorKind::Unsupported},
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

} // namespace
} // namespace nibble
