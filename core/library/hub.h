// What a hub says of a model: its files, and what of them can be downloaded.
#pragma once

#include <library/http.h>
#include <library/hub_name.h>
#include <nibble/hub.h>
#include <nlohmann/json.hpp>

namespace nibble {

/// The choices in the list of files that Hugging Face's API gives ("siblings", with sizes and checksums). Throws
/// Error{BadFile} for names and sizes that a hub must not have.
std::vector<HubChoice> choicesOf(const nlohmann::json& siblings, const std::string& model);
/// As lookUpOnHub(), over a connection that is there.
HubModel lookUp(Http& http, const HubName& name, const std::string& hub, const std::stop_token& stop);
/// The choice of this name. Throws Error{NotFound, BadRequest (none named, and more than one there)}, with their names.
const HubChoice& chooseFrom(const HubModel& model, const std::string& name);

/// Throws Error{BadFile} where they are more than can be counted.
uint64_t bytesOf(const std::vector<HubFile>& files);

/// A hub's word: text, or "" where it is anything else.
std::string textAt(const nlohmann::json& object, const char* key);

} // namespace nibble
