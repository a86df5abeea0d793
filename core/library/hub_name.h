// Names of models and files on a hub: what people paste, and what a hub may answer.
#pragma once

#include <string>
#include <string_view>

namespace nibble {

struct HubName {
    std::string owner, model;
    std::string revision = "main";
    std::string
        file; // a path in the repository, a file's name or a format ("Q4_K_M"); "" where only the model was named
};
/// "owner/model", "owner/model:FILE", or a link of hugging face or of `hub` ("https://..."). Throws Error{BadRequest}.
HubName parseHubName(const std::string& text, const std::string& hub);

/// $NIBBLE_HUB or Hugging Face where `address` is empty, without "/" at its end. Throws Error{BadRequest} where it is
/// not https (or http on this computer itself).
std::string hubAddress(const std::string& address);

/// Whether a connection may be made to `url`: https, or plain http where the hub itself is one on this computer and the
/// url stays there.
bool mayConnect(const std::string& url, const std::string& hub);
/// "huggingface.co" or "127.0.0.1:8080"; empty where it is not a url.
std::string hostOf(const std::string& url);

/// Throws Error{BadFile}, naming it, for a path that a hub must not have: "..", absolute, hidden controls, too long.
void checkHubPath(std::string_view path);
/// The file's name: what is behind the last "/".
std::string lastPart(const std::string& path);
/// The path as part of a url.
std::string urlPath(std::string_view path);

} // namespace nibble
