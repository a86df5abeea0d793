#include <base/text.h>
#include <cstdlib>
#include <models/architecture.h>
#include <nibble/layer_plan.h>

namespace nibble {
namespace {

using Json = nlohmann::ordered_json;

/// Six digits: the same on every machine.
double rounded(double value) { return std::strtod(format("%.6g", value).c_str(), nullptr); }

const char* nameOf(Activation activation) {
    switch (activation) {
    case Activation::Silu:
        return "SiLU";
    case Activation::GeluTanh:
        return "GELU (tanh)";
    case Activation::SwigluOai:
        return "clamped SwiGLU";
    case Activation::Sigmoid:
        return "sigmoid";
    }
    return "";
}

const char* nameOf(QkNorm norm) {
    return norm == QkNorm::None ? "none" : norm == QkNorm::PerHead ? "each head" : "whole row";
}

Json ropeJson(const RopeSpec& rope) {
    Json out = {{"kind", rope.kind == RopeKind::Norm ? "neighbours" : "halves"},
                {"dims", 2 * rope.frequencies.size()},
                {"fastest", rounded(rope.frequencies.front())},
                {"slowest", rounded(rope.frequencies.back())},
                {"magnitude", rounded(rope.magnitude)}};
    if (rope.cooling > 0) out["cooling"] = {{"factor", rounded(rope.cooling)}, {"from", rope.coolingLength}};
    return out;
}

Json partsJson(const ModelPlan& plan, const LayerPlan& layer) {
    if (const DeltaNetSpec& net = layer.deltaNet)
        return {{"kind", "delta net"},
                {"keyHeads", net.nKeyHeads},
                {"valueHeads", net.nValueHeads},
                {"keyDim", net.keyDim},
                {"valueDim", net.valueDim},
                {"taps", net.taps},
                {"feedForward", layer.feedForward}};
    return {{"kind", "attention"},
            {"heads", layer.nHeads},
            {"kvHeads", layer.nKvHeads},
            {"keyDim", layer.keyDim},
            {"valueDim", layer.valueDim},
            {"window", layer.window},
            {"rope", layer.rope},
            {"queryRope", layer.queryRope},
            {"scale", rounded(layer.attentionScale)},
            {"softcap", rounded(layer.softcap)},
            {"gate", plan.gatedAttention},
            {"kvFrom", layer.kvFrom},
            {"feedForward", layer.feedForward}};
}

Json layerJson(const ModelPlan& plan, const LayerPlan& layer) {
    Json out = partsJson(plan, layer);
    if (layer.sharedWidth > 0)
        out["shared"] = {{"kind", plan.shared == SharedExpert::Gated ? "gated expert" : "feed-forward"},
                         {"feedForward", layer.sharedWidth}};
    return out;
}

std::string number(const Json& value) {
    return value.is_number_float() ? format("%g", value.get<double>()) : value.dump();
}

std::string ropeText(const Json& layer) {
    const int rope = layer["rope"], query = layer["queryRope"];
    if (rope < 0) return "no positions";
    return format("rope %d", rope) + (query != rope ? format(" (queries %d)", query) : "");
}

std::string layerText(const Json& layer) {
    const auto n = [&](const char* key) { return number(layer[key]); };
    std::string feedForward = ", feed-forward " + n("feedForward");
    if (layer.contains("shared"))
        feedForward += " and for every token a " + layer["shared"]["kind"].get<std::string>() + " of " +
                       number(layer["shared"]["feedForward"]);
    if (layer["kind"] == "delta net")
        return "gated delta net, " + n("valueHeads") + " value heads of " + n("valueDim") + ", " + n("keyHeads") +
               " key heads of " + n("keyDim") + ", " + n("taps") + " taps" + feedForward;
    std::string text = "attention, " + n("heads") + " heads of " + n("keyDim") + ", ";
    if (layer["kvFrom"] >= 0)
        text += "keys and values of layer " + n("kvFrom");
    else
        text += n("kvHeads") + " for keys and values";
    if (layer["valueDim"] != layer["keyDim"]) text += " (values of " + n("valueDim") + ")";
    text += layer["window"] > 0 ? ", window " + n("window") : ", all text";
    text += ", " + ropeText(layer) + ", scores x " + n("scale");
    if (layer["softcap"] > 0) text += " capped at " + n("softcap");
    if (layer["gate"]) text += ", gated";
    return text + feedForward;
}

} // namespace

Json layerPlan(const std::filesystem::path& path) {
    const auto source = openModel(path);
    const ModelPlan plan = planOf(*source);
    Json out = {{"architecture", plan.architecture},
                {"vocabulary", plan.vocabSize},
                {"embedding", plan.embedding},
                {"context", plan.contextLength},
                {"normEps", rounded(plan.normEps)},
                {"activation", nameOf(plan.activation)},
                {"queryKeyNorm", nameOf(plan.qkNorm)},
                {"valueNorm", plan.valueNorm},
                {"scales",
                 {{"embedding", rounded(plan.embeddingScale)},
                  {"residual", rounded(plan.residualScale)},
                  {"logits", rounded(plan.logitScale)},
                  {"softcap", rounded(plan.logitSoftcap)}}},
                {"perLayerEmbedding", plan.perLayerEmbedding}};
    if (const RouterSpec& router = plan.router; router.experts > 0)
        out["experts"] = {{"count", router.experts},
                          {"used", router.used},
                          {"normalised", router.normalised},
                          {"scale", rounded(router.scale)}};
    Json& ropes = out["ropes"] = Json::array();
    for (const RopeSpec& rope : plan.ropes) ropes.push_back(ropeJson(rope));
    Json& layers = out["layers"] = Json::array();
    for (const LayerPlan& layer : plan.layers) layers.push_back(layerJson(plan, layer));
    source->check();
    return out;
}

std::string layerPlanText(const Json& plan) {
    const Json& scales = plan["scales"];
    std::string text = plan["architecture"].get<std::string>() + ": width " + number(plan["embedding"]) +
                       ", vocabulary " + number(plan["vocabulary"]) + ", at most " + number(plan["context"]) +
                       " tokens, " + plan["activation"].get<std::string>() + ", norm eps " + number(plan["normEps"]) +
                       "\nnorm of queries and keys: " + plan["queryKeyNorm"].get<std::string>() +
                       (plan["valueNorm"] ? ", of values: each head" : "") + "\nscales: embedding " +
                       number(scales["embedding"]) + ", residual " + number(scales["residual"]) + ", logits " +
                       number(scales["logits"]) +
                       (scales["softcap"] > 0 ? " capped at " + number(scales["softcap"]) : "") + "\n";
    if (plan["perLayerEmbedding"] > 0)
        text += "embedding of the token in every layer: width " + number(plan["perLayerEmbedding"]) + "\n";
    if (plan.contains("experts"))
        text += "experts: " + number(plan["experts"]["count"]) + " in each layer, " + number(plan["experts"]["used"]) +
                " for each token\n";
    int index = 0;
    for (const Json& rope : plan["ropes"])
        text +=
            format("rope %d: %s dimensions in %s, %s to %s radians a token, x %s\n", index++,
                   number(rope["dims"]).c_str(), rope["kind"].get<std::string>().c_str(),
                   number(rope["fastest"]).c_str(), number(rope["slowest"]).c_str(), number(rope["magnitude"]).c_str());
    const Json& layers = plan["layers"];
    for (std::size_t i = 0, end = 0; i < layers.size(); i = end) {
        while (end < layers.size() && layers[end] == layers[i]) ++end;
        text += (end - i > 1 ? format("layers %zu to %zu: ", i, end - 1) : format("layer %zu: ", i)) +
                layerText(layers[i]) + "\n";
    }
    return text;
}

} // namespace nibble
