// The mixtures: which tensor gets which format. The expectations are what llama-quantize prints for such models.
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <map>
#include <quantize/memory_model.h>
#include <quantize/recipe.h>
#include <set>

namespace nibble {
namespace {

using test::makeModel;
using test::Shape;

std::map<std::string, std::string> formatsIn(const ModelSource& source, const std::string& recipe) {
    const std::vector<FormatChoice> choices = chooseFormats(source, findRecipe(recipe));
    std::map<std::string, std::string> names;
    for (std::size_t t = 0; t < choices.size(); ++t) names[source.tensors()[t].name] = format(choices[t].format).name;
    return names;
}

/// The formats of one tensor through the layers: "Q6_K Q4_K ...".
std::string through(const std::map<std::string, std::string>& names, int layers, const std::string& tensor) {
    std::string list;
    for (int i = 0; i < layers; ++i)
        list += (i ? " " : "") + names.at("blk." + std::to_string(i) + "." + tensor + ".weight");
    return list;
}

TEST(Recipes, AreListedMostBitsFirstWithTheWindowsFiveStops) {
    double bits = 100;
    std::set<int32_t> stops;
    for (const RecipeInfo& recipe : recipes()) {
        EXPECT_LE(recipe.nominalBits, bits) << recipe.name;
        bits = recipe.nominalBits;
        EXPECT_TRUE(recipe.stop == 0 || stops.insert(recipe.stop).second);
        EXPECT_FALSE(recipe.label.empty());
        EXPECT_FALSE(recipe.sentence.empty());
        EXPECT_EQ(findRecipe(recipe.name).info.name, recipe.name);
    }
    EXPECT_EQ(stops, (std::set<int32_t>{3, 4, 5, 6, 8}));
    EXPECT_EQ(findRecipe("q4_k_m").info.name, "Q4_K_M");
    EXPECT_EQ(findRecipe("bf16").base, FormatId::BF16);
}

TEST(Recipes, UnknownNamesAreAnErrorThatListsTheKnown) {
    for (const char* name : {"", "Q4", "Q4_K_MM", "Q4_K_M\n", "\xff"}) {
        try {
            findRecipe(name);
            FAIL() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadRequest);
            EXPECT_NE(error.whatToDo.find("Q4_K_M"), std::string::npos);
        }
    }
}

TEST(Mixture, Q4KMGivesSensitiveLayersSixBits) {
    const auto names = formatsIn(makeModel({.layers = 16, .tied = false}), "Q4_K_M");
    // more(i) of 16 layers: the first two, the last two, and every third of those between
    const std::string down = "Q6_K Q6_K Q4_K Q4_K Q6_K Q4_K Q4_K Q6_K Q4_K Q4_K Q6_K Q4_K Q4_K Q6_K Q6_K Q6_K";
    EXPECT_EQ(through(names, 16, "ffn_down"), down);
    EXPECT_EQ(through(names, 16, "attn_v"), down);
    EXPECT_EQ(names.at("blk.3.attn_q.weight"), "Q4_K");
    EXPECT_EQ(names.at("blk.3.attn_output.weight"), "Q4_K");
    EXPECT_EQ(names.at("token_embd.weight"), "Q4_K");
    EXPECT_EQ(names.at("output.weight"), "Q6_K");
    EXPECT_EQ(names.at("blk.3.attn_norm.weight"), "F32");
}

TEST(Mixture, BiasesAreNoLayersOfTheirOwn) {
    auto biased = makeModel({.layers = 16});
    for (int i = 0; i < 16; ++i) biased.add("blk." + std::to_string(i) + ".ffn_down.bias", {256}, FormatId::F32);
    EXPECT_EQ(through(formatsIn(biased, "Q4_K_M"), 16, "ffn_down"),
              through(formatsIn(makeModel({.layers = 16}), "Q4_K_M"), 16, "ffn_down"));
}

TEST(Mixture, TheOthersFollowTheirRules) {
    const auto model = makeModel({.layers = 16});
    const auto q3 = formatsIn(model, "Q3_K_M");
    EXPECT_EQ(through(q3, 4, "attn_v"), "Q5_K Q5_K Q4_K Q4_K");
    EXPECT_EQ(through(q3, 4, "ffn_down"), "Q5_K Q4_K Q4_K Q4_K");
    EXPECT_EQ(q3.at("blk.9.attn_output.weight"), "Q4_K");
    EXPECT_EQ(q3.at("blk.9.ffn_gate.weight"), "Q3_K");
    EXPECT_EQ(q3.at("token_embd.weight"), "Q6_K"); // tied: it is the output, too

    const auto q2 = formatsIn(model, "Q2_K");
    EXPECT_EQ(q2.at("blk.9.attn_v.weight"), "Q4_K"); // four heads share a value head
    EXPECT_EQ(q2.at("blk.9.ffn_down.weight"), "Q3_K");
    EXPECT_EQ(q2.at("blk.9.attn_output.weight"), "Q3_K");
    EXPECT_EQ(q2.at("blk.9.attn_q.weight"), "Q2_K");
    EXPECT_EQ(formatsIn(makeModel({.kvHeads = 2}), "Q2_K").at("blk.1.attn_v.weight"), "Q3_K");

    const auto iq4 = formatsIn(model, "IQ4_XS");
    EXPECT_EQ(through(iq4, 4, "ffn_down"), "Q5_K Q5_K IQ4_XS IQ4_XS");
    EXPECT_EQ(iq4.at("blk.9.attn_v.weight"), "Q5_K");

    EXPECT_EQ(formatsIn(model, "Q5_K_M").at("blk.0.ffn_down.weight"), "Q6_K");
    for (const char* uniform : {"Q8_0", "Q6_K", "Q4_0", "Q4_1"}) {
        EXPECT_EQ(formatsIn(model, uniform).at("blk.0.ffn_down.weight"), uniform);
        EXPECT_EQ(formatsIn(model, uniform).at("token_embd.weight"), std::string(uniform) == "Q8_0" ? "Q8_0" : "Q6_K");
    }
}

TEST(Mixture, RowsThatDoNotDivideFallBack) {
    const auto narrow = makeModel({.width = 96, .feedForward = 256}); // multiples of 32, not of 256
    const std::map<std::string, std::string> expected = {{"Q4_K_M", "Q5_0"}, {"Q5_K_M", "Q5_1"}, {"Q6_K", "Q8_0"},
                                                         {"Q3_K_M", "Q4_0"}, {"Q2_K", "Q4_0"},   {"IQ4_XS", "IQ4_NL"},
                                                         {"Q8_0", "Q8_0"},   {"Q4_0", "Q4_0"}};
    for (const auto& [recipe, fallback] : expected) {
        const auto names = formatsIn(narrow, recipe);
        EXPECT_EQ(names.at("blk.2.attn_q.weight"), fallback) << recipe;
        EXPECT_EQ(names.at("token_embd.weight"), "Q8_0") << recipe;
    }
    for (const char* recipe : {"Q4_K_M", "Q8_0", "IQ4_XS"})
        EXPECT_EQ(formatsIn(makeModel({.width = 72}), recipe).at("blk.2.attn_q.weight"), "F16");
    const auto choices = chooseFormats(narrow, findRecipe("Q4_K_M"));
    EXPECT_NE(choices[2].reason.find("96"), std::string::npos) << choices[2].reason;
}

TEST(Mixture, EightExpertsKeepKeysAndValues) {
    const auto names = formatsIn(makeModel({.experts = 8}), "Q4_K_M");
    EXPECT_EQ(names.at("blk.2.attn_k.weight"), "Q8_0");
    EXPECT_EQ(names.at("blk.2.attn_v.weight"), "Q8_0");
    EXPECT_EQ(names.at("blk.2.attn_output.weight"), "Q5_K");
    EXPECT_EQ(names.at("blk.2.ffn_gate_inp.weight"), "F32"); // the router is never touched
    EXPECT_EQ(formatsIn(makeModel({.experts = 4}), "Q4_K_M").at("blk.2.attn_k.weight"), "Q4_K");
}

TEST(Mixture, SmallTensorsOfAFolderBecomeF32) {
    auto model = makeModel();
    model.add("blk.0.attn_q.bias", {256}, FormatId::BF16);
    EXPECT_EQ(formatsIn(model, "Q4_K_M").at("blk.0.attn_q.bias"), "BF16"); // a GGUF file's choice stands
    model.huggingFace = true;
    EXPECT_EQ(formatsIn(model, "Q4_K_M").at("blk.0.attn_q.bias"), "F32");
    EXPECT_EQ(formatsIn(model, "F16").at("blk.0.attn_q.bias"), "F32");
    EXPECT_EQ(formatsIn(model, "F16").at("blk.0.attn_q.weight"), "F16");
}

TEST(Mixture, StrangeNamesAndNumbersAreHarmless) {
    auto model = makeModel();
    model.keys.remove("llama.block_count");
    model.keys.remove("llama.attention.head_count");
    model.keys.remove("llama.attention.head_count_kv");
    for (const char* name :
         {"blk.", "blk..ffn_down.weight", "blk.99999999999999999999.ffn_down.weight", "blk.x.attn_v.weight", "weight"})
        model.add(name, {256, 2});
    for (const RecipeInfo& recipe : recipes())
        EXPECT_EQ(chooseFormats(model, findRecipe(recipe.name)).size(), model.tensors().size());
}

TEST(Mixture, LeavesWhatChoosesExpertsAsItIs) {
    for (const std::string name : {"qwen3_5_moe", "gemma4_moe", "qwen3_moe_fused"}) {
        const auto source = openModel(test::goldenDir("models/" + name));
        const std::vector<FormatChoice> choices = chooseFormats(*source, findRecipe("Q4_0"));
        int chosen = 0;
        for (std::size_t t = 0; t < choices.size(); ++t) {
            const WeightRows& tensor = source->tensors()[t];
            const bool chooses = tensor.name.find("ffn_gate_inp") != std::string::npos;
            chosen += chooses;
            if (chooses || tensor.name.ends_with(".scale")) {
                EXPECT_EQ(format(choices[t].format).codeBits, 0u) << tensor.name;
            }
            if (tensor.name.find("_exps.weight") != std::string::npos) {
                EXPECT_GT(format(choices[t].format).codeBits, 0u) << tensor.name;
            }
        }
        EXPECT_GE(chosen, 2) << name;
    }
}

} // namespace
} // namespace nibble
