// The public structs as JSON, exactly as protocol.h documents them: `--json`, the engine process and later the HTTP API
// all print this.
#pragma once

#include <nibble/compare.h>
#include <nibble/devices.h>
#include <nibble/error.h>
#include <nibble/estimate.h>
#include <nibble/generate.h>
#include <nibble/hub.h>
#include <nibble/inspect.h>
#include <nibble/layer_costs.h>
#include <nibble/library.h>
#include <nibble/measure.h>
#include <nibble/pack.h>
#include <nibble/passport.h>
#include <nibble/preview.h>
#include <nibble/quantize.h>
#include <nlohmann/json.hpp>

namespace nibble {

nlohmann::json toJson(const DeviceInfo& value);
nlohmann::json toJson(const SpeedReport& value);
nlohmann::json toJson(const RecipeInfo& value);
nlohmann::json toJson(const ModelInfo& value, bool withTensors);
nlohmann::json toJson(const LibraryEntry& value);
nlohmann::json toJson(const HubHit& value);
nlohmann::json toJson(const HubModel& value);
nlohmann::json toJson(const DownloadReport& value);
nlohmann::json toJson(const UnfinishedDownload& value);
nlohmann::json toJson(const Pack& value);
nlohmann::json toJson(const PackReport& value);
nlohmann::json toJson(const Estimate& value);
nlohmann::json toJson(const QuantizePlan& value);
nlohmann::json toJson(const QuantizeReport& value);
nlohmann::json toJson(const UnfinishedQuantize& value);
nlohmann::json toJson(const CalibrateReport& value);
nlohmann::json toJson(const Predicted& value);
nlohmann::json toJson(const Preview& value);
nlohmann::json toJson(const LayerCostReport& value);
nlohmann::json toJson(const Session::Info& value, const Sampling& suggested);
nlohmann::json toJson(const Generated& value);
nlohmann::json toJson(const AskedPrompt& value);
nlohmann::json toJson(const AskReport& value);
nlohmann::json toJson(const CompareReport& value);
nlohmann::json toJson(const Passport& value);
/// A report read back. Throws Error{BadRequest} where a field is missing or of another type.
CompareReport compareReportFrom(const nlohmann::json& value);
nlohmann::json toJson(const Progress& value);
nlohmann::json toJson(const Error& value);
nlohmann::json toJson(const Sampling& value);

} // namespace nibble
