// What Gemma 4's layers share, against the same model written out.
#include "fake_source.h"
#include "recording_backend.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/vulkan/vulkan.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>

namespace nibble {
namespace {

const std::vector<int32_t> kTokens{5, 9, 17, 33, 65, 3, 12, 40, 41, 42, 43, 44, 7};

/// The golden as a source whose tensors can be changed.
test::FakeSource golden() {
    const auto source = openModel(test::goldenDir("gguf/gemma4.gguf"));
    test::FakeSource copy;
    copy.keys = source->metadata();
    for (const WeightRows& rows : source->tensors()) copy.weights.push_back(rows);
    return copy;
}

std::vector<float> lastLogits(Backend& backend, const ModelSource& source, std::size_t batch) {
    const ModelOnBackend model = placeModel(backend, source, 64, KvFormat::F32, int32_t(batch), 1);
    for (std::size_t at = 0; at < kTokens.size(); at += batch) {
        const std::size_t n = std::min(batch, kTokens.size() - at);
        forward(backend, model, std::span(kTokens).subspan(at, n), int32_t(at), at + n == kTokens.size());
    }
    const std::span<const float> row = backend.read({model.logits, 0, 1});
    return {row.begin(), row.end()};
}

std::vector<float> lastLogits(const ModelSource& source, std::size_t batch) {
    ThreadPool pool(2);
    return lastLogits(*makeCpuBackend(pool), source, batch);
}

/// Whatever layers behind the last keys and values do for tokens that nobody asks about is left out, not computed.
TEST(Gemma4, LeavesTheSharingLayersOutForTokensWithoutLogits) {
    test::RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, golden(), 64, KvFormat::F32, 8, 1);
    EXPECT_EQ(lastWritingLayer(model.plan), 5);
    forward(backend, model, std::span(kTokens).first(8), 0, 1);
    const auto has = [&](const std::string& text) {
        return std::ranges::any_of(backend.calls, [&](const std::string& c) { return c.find(text) != c.npos; });
    };
    EXPECT_TRUE(has("matmul x_norm[0+8]: blk.5.attn_q.weight"));
    EXPECT_TRUE(has("matmul x_norm[7+1]: blk.6.attn_q.weight -> q[7+1]"));
    EXPECT_TRUE(has("attention q[7+1] kv4 -> attended[7+1]")) << "layer 6 reads what layer 4 wrote";
    EXPECT_TRUE(has("attention q[7+1] kv5 -> attended[7+1]")) << "layer 11 reads what layer 5 wrote";
    backend.calls.clear();
    forward(backend, model, std::span(kTokens).first(8), 0, 0);
    EXPECT_FALSE(has("blk.6."));
    const std::vector<float> once = lastLogits(golden(), kTokens.size()), parts = lastLogits(golden(), 4);
    for (std::size_t i = 0; i < once.size(); ++i) ASSERT_NEAR(once[i], parts[i], 1e-4);
}

TEST(Gemma4, HasNoKeysAndValuesForLayersThatShare) {
    test::RecordingBackend backend;
    placeModel(backend, golden(), 64, KvFormat::F32, 8, 1);
    ASSERT_EQ(backend.kvs.size(), 6u);
    EXPECT_EQ(backend.kvs[0].capacity, 16) << "window and batch";
    EXPECT_EQ(backend.kvs[0].keyDim, 32);
    EXPECT_EQ(backend.kvs[5].capacity, 64);
    EXPECT_EQ(backend.kvs[5].keyDim, 64);
    EXPECT_EQ(backend.uses["per_layer_token_embd.weight"], WeightUse::FileRows);
}

/// Older files hold keys and values for layers that do not use them.
TEST(Gemma4, IgnoresKeysAndValuesOfLayersThatShare) {
    test::FakeSource source = golden();
    const std::vector<float> expected = lastLogits(source, 5);
    source.tensor("blk.7.attn_k.weight", 64, 64);
    source.tensor("blk.7.attn_v.weight", 64, 64);
    source.tensor("blk.7.attn_k_norm.weight", 32);
    EXPECT_EQ(lastLogits(source, 5), expected);
}

TEST(Gemma4, TakesKeysForValuesWhereThereAreNone) {
    test::FakeSource copied = golden(), without = golden();
    WeightRows keys = *copied.find("blk.5.attn_k.weight");
    keys.name = "blk.5.attn_v.weight";
    copied.drop(keys.name);
    copied.weights.push_back(keys);
    without.drop(keys.name);
    EXPECT_EQ(lastLogits(without, 5), lastLogits(copied, 5));
    EXPECT_NE(lastLogits(without, 5), lastLogits(golden(), 5));
}

/// As the 12B and 31B models are: nothing is shared, and no layer embeds the token anew.
test::FakeSource withoutSharing() {
    test::FakeSource source = golden();
    source.keys.set("gemma4.attention.shared_kv_layers", uint32_t(0));
    source.keys.set("gemma4.embedding_length_per_layer_input", uint32_t(0));
    std::erase_if(source.weights, [](const WeightRows& w) {
        return w.name.starts_with("per_layer") || w.name.find(".inp_gate.") != w.name.npos ||
               w.name.find(".proj.") != w.name.npos || w.name.find(".post_norm.") != w.name.npos;
    });
    for (int i = 0; i < 6; ++i)
        for (const char* name : {".attn_k.weight", ".attn_v.weight", ".attn_k_norm.weight"}) {
            WeightRows copy = *source.find("blk." + std::to_string(i) + name);
            copy.name = "blk." + std::to_string(i + 6) + name;
            source.weights.push_back(copy);
        }
    return source;
}

TEST(Gemma4, CanBeDividedWhereNothingIsShared) {
    const test::FakeSource source = withoutSharing();
    EXPECT_EQ(onlyOnOneDevice(planOf(source)), nullptr);
    EXPECT_STREQ(onlyOnOneDevice(planOf(golden())), "which has an embedding for every layer");
    ModelPlan plan = planOf(golden());
    plan.perLayerEmbedding = 0;
    EXPECT_STREQ(onlyOnOneDevice(plan), "whose layers share keys and values");
    const std::vector<float> expected = lastLogits(source, 5);
    ThreadPool pool(2);
    try {
        const std::vector<float> ours = lastLogits(*makeVulkanBackend(pool), source, 5);
        for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(ours[i], expected[i], 1e-3);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::NotFound) throw;
        GTEST_SKIP() << error.what();
    }
}

TEST(Gemma4, CountsTheTableOfEveryLayerAsFileNotAsMemory) {
    const auto source = openModel(test::goldenDir("gguf/gemma4.gguf"));
    ThreadPool pool(2);
    const auto real = makeCpuBackend(pool), dry = makeDryBackend(bestCpuLevel(), 2);
    for (Backend* b : {real.get(), dry.get()}) placeModel(*b, *source, 64, KvFormat::F16, 8, 1);
    EXPECT_EQ(real->memory().fileRows, 320u * 192 * 4);
    EXPECT_EQ(dry->memory().fileRows, real->memory().fileRows);
    EXPECT_EQ(dry->memory().total(), real->memory().total());
    try {
        const auto card = makeVulkanBackend(pool);
        const VulkanDevices all = vulkanDevices();
        const auto dryCard = makeDryVulkanBackend(std::ranges::find(all.devices, true, &VulkanDevice::usable)->limits);
        for (Backend* b : {card.get(), dryCard.get()}) placeModel(*b, *source, 64, KvFormat::F16, 8, 1);
        EXPECT_EQ(card->memory().fileRows, real->memory().fileRows);
        EXPECT_EQ(dryCard->memory().total(), card->memory().total());
    } catch (const Error& error) {
        if (error.kind != ErrorKind::NotFound) throw;
        GTEST_SKIP() << error.what();
    }
}

TEST(Gemma4, RefusesSharingThatMakesNoSense) {
    const auto detailOf = [](const char* key, GgufValue value) {
        test::FakeSource source = golden();
        source.keys.set(std::string("gemma4.") + key, std::move(value));
        try {
            planOf(source);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadFile);
            return error.detail;
        }
        return std::string("accepted");
    };
    EXPECT_NE(detailOf("attention.shared_kv_layers", uint32_t(12)).find("shared_kv_layers"), std::string::npos);
    EXPECT_NE(detailOf("attention.shared_kv_layers", uint32_t(7)).find("leaves layer"), std::string::npos);
    EXPECT_NE(detailOf("embedding_length_per_layer_input", uint32_t(1 << 19)).find("impossibly"), std::string::npos);
    EXPECT_NE(detailOf("attention.value_length_swa", uint32_t(16)).find("value_length"), std::string::npos);
}

} // namespace
} // namespace nibble
