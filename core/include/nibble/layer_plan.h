// How a model is computed, layer by layer, as loading would find in its files: for whoever helps others, and for tests.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace nibble {

/// {architecture, vocabulary, embedding, context, normEps, activation, queryKeyNorm, valueNorm, scales {embedding,
/// residual, logits, softcap}, perLayerEmbedding, experts {count, used, ...}?, ropes [{kind, dims, fastest, slowest,
/// magnitude}], layers [...]}; of a layer {kind: "attention", heads, kvHeads, keyDim, valueDim, window, rope,
/// queryRope, scale, softcap, gate, kvFrom, feedForward} or {kind: "delta net", keyHeads, valueHeads, keyDim, valueDim,
/// taps, feedForward}, and shared {kind, feedForward} where every token passes something besides its experts; -1: none.
/// Throws as openModel() and planOf() do: Error{Unsupported} names what cannot be run.
nlohmann::ordered_json layerPlan(const std::filesystem::path& model);

/// The same for reading; layers that are alike share a line.
std::string layerPlanText(const nlohmann::ordered_json& plan);

} // namespace nibble
