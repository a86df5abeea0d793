#include "fake_source.h"
#include "recording_backend.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>

namespace nibble {
namespace {

using test::FakeSource;
using test::RecordingBackend;
using test::tinyExperts;
using test::tinySource;

Error placeError(const FakeSource& source) {
    RecordingBackend backend;
    try {
        placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    } catch (const Error& error) {
        EXPECT_TRUE(backend.weights.empty()) << "weights were handed over before all were checked";
        return error;
    }
    ADD_FAILURE() << "placeModel() accepted the model";
    return Error(ErrorKind::Internal, "");
}

TEST(Place, HandsOverEveryWeightOnceAndAllocatesForTheBatch) {
    const FakeSource source = tinySource();
    RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, source, 128, KvFormat::Q8_0, 8, 4);
    EXPECT_EQ(backend.weights.size(), source.weights.size());
    EXPECT_EQ(backend.uses["token_embd.weight"], WeightUse::Embedding);
    EXPECT_EQ(backend.uses["output.weight"], WeightUse::Matmul);
    EXPECT_EQ(backend.uses["blk.1.ffn_norm.weight"], WeightUse::Vector);
    ASSERT_EQ(backend.kvs.size(), 2u);
    EXPECT_EQ(backend.kvs[0].capacity, 128);
    EXPECT_EQ(backend.kvs[0].format, KvFormat::Q8_0);
    EXPECT_EQ(backend.prepared, 8);
    const std::vector<std::string> expected = {"x 8x64",        "x_norm 8x64", "q 8x64",  "k 8x32",      "v 8x32",
                                               "attended 8x64", "gate 8x96",   "up 8x96", "logits 4x40", "top 1x128"};
    EXPECT_EQ(backend.buffers, expected); // both layers share theirs
    EXPECT_NE(model.output.index, model.tokenEmbedding.index);
}

TEST(Place, UsesTheEmbeddingTwiceWhereTheOutputIsTied) {
    RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, tinySource("llama", true), 128, KvFormat::F16, 8, 4);
    EXPECT_EQ(backend.uses["token_embd.weight"], WeightUse::EmbeddingAndMatmul);
    EXPECT_EQ(model.output.index, model.tokenEmbedding.index);
}

TEST(Place, GivesLayersOfOtherWidthsTheirOwnBuffers) {
    FakeSource source = tinySource();
    source.keys.set("llama.feed_forward_length", std::vector<uint32_t>{96, 128});
    source.tensor("blk.1.ffn_gate.weight", 64, 128);
    source.tensor("blk.1.ffn_up.weight", 64, 128);
    source.tensor("blk.1.ffn_down.weight", 128, 64);
    RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    EXPECT_EQ(model.layers[0].qRows.index, model.layers[1].qRows.index);
    EXPECT_NE(model.layers[0].ffn.gateRows.index, model.layers[1].ffn.gateRows.index);
    EXPECT_EQ(backend.buffers[std::size_t(model.layers[1].ffn.gateRows.index)], "gate 8x128");
}

TEST(Place, ReportsEveryFaultyTensorAtOnce) {
    FakeSource source = tinySource();
    source.drop("blk.0.attn_q.weight");
    source.tensor("blk.1.ffn_down.weight", 64, 96); // transposed
    source.tensor("output_norm.weight", 63);
    source.tensor("blk.0.ffn_norm.weight", 64);
    source.weights.back().format = FormatId::Q8_0;
    const Error error = placeError(source);
    EXPECT_EQ(error.kind, ErrorKind::BadFile);
    for (const char* name : {"fake.gguf", "blk.0.attn_q.weight is missing", "blk.1.ffn_down.weight is 64 x 96",
                             "output_norm.weight", "blk.0.ffn_norm.weight is in the format Q8_0"})
        EXPECT_NE(error.detail.find(name), std::string::npos) << name << " not in: " << error.detail;
}

TEST(Place, ReportsFaultyTensorsOfExperts) {
    FakeSource source = tinyExperts();
    source.tensor("blk.0.ffn_gate_exps.weight", 64, 32, {}, 3); // one too few
    source.tensor("blk.0.ffn_down_exps.bias", 64);              // one for all
    source.tensor("blk.1.ffn_up_exps.weight", 64, 32);
    source.drop("blk.1.ffn_gate_inp.weight");
    source.tensor("blk.1.attn_q.weight", 64, 64, {}, 2);
    const Error error = placeError(source);
    EXPECT_EQ(error.kind, ErrorKind::BadFile);
    for (const char* fault :
         {"blk.0.ffn_gate_exps.weight is 64 x 32 x 3 instead of 64 x 32 x 4", "blk.0.ffn_down_exps.bias",
          "blk.1.ffn_up_exps.weight", "blk.1.ffn_gate_inp.weight is missing", "blk.1.attn_q.weight"})
        EXPECT_NE(error.detail.find(fault), std::string::npos) << fault << " not in: " << error.detail;
}

TEST(Place, TakesGateAndUpOfExpertsFromOneTensor) {
    FakeSource source = tinyExperts();
    for (const std::string layer : {"blk.0.", "blk.1."}) {
        source.drop(layer + "ffn_gate_exps.weight");
        source.drop(layer + "ffn_up_exps.weight");
        source.tensor(layer + "ffn_gate_up_exps.weight", 64, 64, {}, 4);
    }
    RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    EXPECT_TRUE(model.layers[0].ffn.gate);
    EXPECT_NE(model.layers[0].ffn.gate.index, model.layers[0].ffn.up.index);
}

TEST(Place, RefusesTensorsThatWouldChangeTheResult) {
    for (const char* name : {"blk.1.attn_q_norm.weight", "blk.0.post_attention_norm.weight",
                             "blk.0.ffn_gate_inp.weight", "blk.0.attn_norm.bias", "output_norm.bias"}) {
        FakeSource source = tinySource();
        source.tensor(name, 64);
        const Error error = placeError(source);
        EXPECT_EQ(error.kind, ErrorKind::Unsupported) << name;
        EXPECT_NE(error.detail.find(name), std::string::npos) << error.detail;
    }
}

TEST(Place, IgnoresTensorsThatAreNoneOfItsBusiness) {
    FakeSource source = tinySource();
    source.tensor("blk.0.attn_rot_embd.weight", 8);
    source.tensor("v.patch_embd.weight", 64);
    source.tensor("blk.2.nextn.eh_proj.weight", 64);
    RecordingBackend backend;
    placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    EXPECT_EQ(backend.weights.size(), source.weights.size() - 3);
}

TEST(Place, KeepsOnlyTheWindowOfSlidingLayers) {
    EXPECT_EQ(kvCapacity({.window = 0}, 4096, 512), 4096);
    EXPECT_EQ(kvCapacity({.window = 1000}, 4096, 512), 1512);
    EXPECT_EQ(kvCapacity({.window = 4000}, 4096, 512), 4096);
}

TEST(Place, StopsWhenAsked) {
    RecordingBackend backend;
    std::stop_source stop;
    const auto stopEarly = [&](const Progress& p) {
        if (p.fraction > 0 || p.item == "token_embd.weight") stop.request_stop();
    };
    try {
        placeModel(backend, tinySource(), 128, KvFormat::F16, 8, 4, stopEarly, stop.get_token());
        FAIL() << "was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Canceled);
    }
    EXPECT_LT(backend.weights.size(), tinySource().weights.size());
}

TEST(Forward, CallsTheOperationsOfThePaperInOrder) {
    RecordingBackend backend;
    FakeSource source = tinySource("qwen3", true);
    source.tensor("blk.0.attn_q.bias", 64);
    const ModelOnBackend model = placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    const std::vector<int32_t> tokens = {1, 2, 3, 4, 5};
    forward(backend, model, tokens, 7, 1);
    const std::vector<std::string> expected = {
        "begin 7",
        "embed token_embd.weight -> x[0+5]",
        "norm/64 x[0+5] * blk.0.attn_norm.weight -> x_norm[0+5]",
        "matmul x_norm[0+5]: blk.0.attn_q.weight -> q[0+5] + blk.0.attn_q.bias blk.0.attn_k.weight -> k[0+5]"
        " blk.0.attn_v.weight -> v[0+5]",
        "norm/16 q[0+5] * blk.0.attn_q_norm.weight -> q[0+5]",
        "norm/16 k[0+5] * blk.0.attn_k_norm.weight -> k[0+5]",
        "rope q[0+5] heads 4",
        "rope k[0+5] heads 2",
        "write kv0 k[0+5] v[0+5]",
        "attention q[0+5] kv0 -> attended[0+5]",
        "matmul attended[0+5]: blk.0.attn_output.weight -> x[0+5] + x[0+5]",
        "norm/64 x[0+5] * blk.0.ffn_norm.weight -> x_norm[0+5]",
        "matmul x_norm[0+5]: blk.0.ffn_gate.weight -> gate[0+5] blk.0.ffn_up.weight -> up[0+5]",
        "activation gate[0+5] up[0+5] -> gate[0+5]",
        "matmul gate[0+5]: blk.0.ffn_down.weight -> x[0+5] + x[0+5]",
    };
    ASSERT_GT(backend.calls.size(), expected.size());
    EXPECT_EQ(std::vector(backend.calls.begin(), backend.calls.begin() + std::ptrdiff_t(expected.size())), expected);
    // Behind the last layer's attention only the row that gets logits is left.
    const std::vector<std::string> tail = {
        "attention q[4+1] kv1 -> attended[4+1]",
        "matmul attended[4+1]: blk.1.attn_output.weight -> x[4+1] + x[4+1]",
        "norm/64 x[4+1] * blk.1.ffn_norm.weight -> x_norm[4+1]",
        "matmul x_norm[4+1]: blk.1.ffn_gate.weight -> gate[4+1] blk.1.ffn_up.weight -> up[4+1]",
        "activation gate[4+1] up[4+1] -> gate[4+1]",
        "matmul gate[4+1]: blk.1.ffn_down.weight -> x[4+1] + x[4+1]",
        "norm/64 x[4+1] * output_norm.weight -> x_norm[4+1]",
        "matmul x_norm[4+1]: token_embd.weight -> logits[0+1]",
        "finish",
    };
    EXPECT_EQ(std::vector(backend.calls.end() - std::ptrdiff_t(tail.size()), backend.calls.end()), tail);
}

TEST(Forward, SendsTokensToTheirExperts) {
    RecordingBackend backend;
    FakeSource source = tinyExperts();
    source.tensor("blk.0.ffn_gate_inp.bias", 4);
    source.tensor("blk.0.ffn_down_exps.bias", 64, 4);
    const ModelOnBackend model = placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    EXPECT_EQ(backend.uses["blk.0.ffn_gate_exps.weight"], WeightUse::Matmul);
    EXPECT_EQ(backend.uses["blk.0.ffn_down_exps.bias"], WeightUse::Vector);
    for (const char* buffer : {"gate 16x32", "up 16x32", "router 8x4", "experts 16x64"})
        EXPECT_EQ(std::ranges::count(backend.buffers, buffer), 1) << buffer;
    const std::vector<int32_t> tokens = {1, 2, 3, 4, 5};
    forward(backend, model, tokens, 0, 1);
    const std::vector<std::string> expected = {
        "norm/64 x[0+5] * blk.0.ffn_norm.weight -> x_norm[0+5]",
        "matmul x_norm[0+5]: blk.0.ffn_gate_inp.weight -> router[0+5] + blk.0.ffn_gate_inp.bias",
        "route router[0+5]",
        "experts x_norm[0+5]: blk.0.ffn_gate_exps.weight -> gate[0+10] blk.0.ffn_up_exps.weight -> up[0+10]",
        "activation gate[0+10] up[0+10] -> gate[0+10]",
        "experts gate[0+10]: blk.0.ffn_down_exps.weight -> experts[0+10] + blk.0.ffn_down_exps.bias",
        "mix experts[0+10] + x[0+5] -> x[0+5]",
    };
    const auto at = std::ranges::search(backend.calls, expected);
    EXPECT_FALSE(at.empty());
    EXPECT_EQ(std::ranges::count(backend.calls, "route router[0+1]"), 1); // of the last layer's last token
    EXPECT_EQ(std::ranges::count(backend.calls, "mix experts[0+2] + x[4+1] -> x[4+1]"), 1);
}

TEST(Forward, StopsAtTheLastKeysWhereNoLogitsAreWanted) {
    RecordingBackend backend;
    const ModelOnBackend model = placeModel(backend, tinySource(), 128, KvFormat::F16, 8, 4);
    const int32_t token = 1;
    forward(backend, model, {&token, 1}, 0, 0);
    EXPECT_EQ(backend.calls[backend.calls.size() - 2], "write kv1 k[0+1] v[0+1]");
    EXPECT_EQ(backend.calls.back(), "finish");
}

TEST(Forward, NormsAndScalesWhatALayerAdds) {
    RecordingBackend backend;
    FakeSource source = tinySource("glm4");
    for (const std::string layer : {"blk.0.", "blk.1."}) {
        source.tensor(layer + "post_attention_norm.weight", 64);
        source.tensor(layer + "post_ffw_norm.weight", 64);
    }
    const ModelOnBackend model = placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    const std::vector<int32_t> tokens = {1, 2};
    forward(backend, model, tokens, 0, 1);
    const std::vector<std::string> tail = {
        "attention q[1+1] kv1 -> attended[1+1]",
        "matmul attended[1+1]: blk.1.attn_output.weight -> x_norm[1+1]",
        "norm/64 x_norm[1+1] * blk.1.post_attention_norm.weight -> x_norm[1+1]",
        "add x[1+1] x_norm[1+1] -> x[1+1]",
        "norm/64 x[1+1] * blk.1.ffn_norm.weight -> x_norm[1+1]",
        "matmul x_norm[1+1]: blk.1.ffn_gate.weight -> gate[1+1] blk.1.ffn_up.weight -> up[1+1]",
        "activation gate[1+1] up[1+1] -> gate[1+1]",
        "matmul gate[1+1]: blk.1.ffn_down.weight -> x_norm[1+1]",
        "norm/64 x_norm[1+1] * blk.1.post_ffw_norm.weight -> x_norm[1+1]",
        "add x[1+1] x_norm[1+1] -> x[1+1]",
        "norm/64 x[1+1] * output_norm.weight -> x_norm[1+1]",
        "matmul x_norm[1+1]: output.weight -> logits[0+1]",
        "finish",
    };
    EXPECT_EQ(std::vector(backend.calls.end() - std::ptrdiff_t(tail.size()), backend.calls.end()), tail);
}

TEST(Place, TakesMatricesApartThatAFileHoldsAsOne) {
    FakeSource source = tinySource("phi3");
    for (const char* name : {"attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up"})
        source.drop(std::string("blk.1.") + name + ".weight");
    source.tensor("blk.1.attn_qkv.weight", 64, 128);
    source.tensor("blk.1.ffn_up.weight", 64, 192);
    RecordingBackend backend;
    placeModel(backend, source, 128, KvFormat::F16, 8, 4);
    EXPECT_EQ(std::ranges::count(backend.weights, "blk.1.attn_qkv.weight"), 3);
    EXPECT_EQ(std::ranges::count(backend.weights, "blk.1.ffn_up.weight"), 2);

    source.tensor("blk.1.ffn_up.weight", 64, 191);
    EXPECT_NE(placeError(source).detail.find("blk.1.ffn_gate.weight is missing"), std::string::npos);
    source.tensor("blk.1.ffn_up.weight", 63, 192);
    EXPECT_NE(placeError(source).detail.find("blk.1.ffn_up.weight is 63 x 192"), std::string::npos);
}

} // namespace
} // namespace nibble
