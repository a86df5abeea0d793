#include <algorithm>
#include <base/text.h>
#include <cstdlib>
#include <curl/curl.h>
#include <library/hub_name.h>
#include <memory>
#include <nibble/error.h>
#include <vector>

namespace nibble {

namespace {

constexpr const char* kHuggingFace = "https://huggingface.co";
constexpr std::size_t kLongestName = 200, kLongestPath = 1000;

struct UrlParts {
    std::string scheme, host, port, path;
};

UrlParts partsOf(const std::string& url) {
    UrlParts parts;
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), curl_url_cleanup);
    if (!handle || curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return parts;
    const auto get = [&](CURLUPart part, unsigned flags = 0) {
        char* text = nullptr;
        std::string out;
        if (curl_url_get(handle.get(), part, &text, flags) == CURLUE_OK) out = text;
        curl_free(text);
        return out;
    };
    return {get(CURLUPART_SCHEME), get(CURLUPART_HOST), get(CURLUPART_PORT), get(CURLUPART_PATH, CURLU_URLDECODE)};
}

bool isThisComputer(const std::string& host) { return host == "127.0.0.1" || host == "localhost" || host == "[::1]"; }

bool isWord(std::string_view word, std::size_t longest) {
    return !word.empty() && word.size() <= longest && word[0] != '.' && word.find("..") == std::string_view::npos &&
           std::all_of(word.begin(), word.end(), [](unsigned char c) {
               return c < 128 && (std::isalnum(c) || c == '-' || c == '_' || c == '.');
           });
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> out;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        out.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    return out;
}

[[noreturn]] void throwBadName(const std::string& text) {
    throw Error(ErrorKind::BadRequest, "This is not the name of a model on a hub: " + printable(text, 100), {},
                "Write it like owner/model, for example HuggingFaceTB/SmolLM2-135M-Instruct, or paste the link to its "
                "page.");
}

/// owner / model [/ resolve|blob|tree / revision [/ file...]]
HubName fromLink(const std::string& text, const std::string& hub) {
    const UrlParts link = partsOf(text.find("://") == std::string::npos ? "https://" + text : text);
    const std::string host = link.host.starts_with("www.") ? link.host.substr(4) : link.host;
    if (host != "huggingface.co" && host != "hf.co" && host != partsOf(hub).host) throwBadName(text);
    std::vector<std::string> parts = split(link.path, '/');
    std::erase(parts, std::string());
    if (parts.size() < 2 || parts[0] == "datasets" || parts[0] == "spaces") throwBadName(text);
    HubName name{parts[0], parts[1], "main", {}};
    if (parts.size() >= 4 && (parts[2] == "resolve" || parts[2] == "blob" || parts[2] == "tree")) {
        name.revision = parts[3];
        for (std::size_t i = 4; i < parts.size() && parts[2] != "tree"; ++i)
            name.file += (name.file.empty() ? "" : "/") + parts[i];
    }
    return name;
}

} // namespace

HubName parseHubName(const std::string& written, const std::string& hub) {
    std::string text = written;
    const auto isBlank = [](unsigned char c) { return std::isspace(c) != 0; };
    while (!text.empty() && isBlank(static_cast<unsigned char>(text.back()))) text.pop_back();
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), isBlank));
    if (text.size() > kLongestPath) throwBadName(text);
    HubName name;
    if (text.find("://") != std::string::npos || text.starts_with("huggingface.co/") || text.starts_with("hf.co/")) {
        name = fromLink(text, hub);
    } else {
        const std::size_t slash = text.find('/'), colon = text.find(':');
        if (slash == std::string::npos || slash > colon) throwBadName(text);
        name.owner = text.substr(0, slash);
        name.model = text.substr(slash + 1, colon == std::string::npos ? colon : colon - slash - 1);
        if (colon != std::string::npos) name.file = text.substr(colon + 1);
    }
    if (!isWord(name.owner, kLongestName) || !isWord(name.model, kLongestName) || !isWord(name.revision, kLongestName))
        throwBadName(text);
    if (!name.file.empty()) checkHubPath(name.file);
    return name;
}

std::string hubAddress(const std::string& wanted) {
    std::string address = wanted;
    const char* set = std::getenv("NIBBLE_HUB");
    if (address.empty() && set) address = set;
    if (address.empty()) address = kHuggingFace;
    while (address.ends_with("/")) address.pop_back();
    const UrlParts parts = partsOf(address);
    if (parts.host.empty() || !mayConnect(address, address))
        throw Error(ErrorKind::BadRequest, "The address of the hub cannot be used: " + printable(address, 100), {},
                    "It has to begin with https:// (or http://127.0.0.1 on this computer).");
    return address;
}

bool mayConnect(const std::string& url, const std::string& hub) {
    const UrlParts to = partsOf(url), from = partsOf(hub);
    if (to.host.empty()) return false;
    return to.scheme == "https" ||
           (to.scheme == "http" && isThisComputer(to.host) && from.scheme == "http" && isThisComputer(from.host));
}

std::string hostOf(const std::string& url) {
    const UrlParts parts = partsOf(url);
    return parts.port.empty() ? parts.host : parts.host + ":" + parts.port;
}

void checkHubPath(std::string_view path) {
    const auto refuse = [&](const char* why) {
        throw Error(ErrorKind::BadFile, "The hub names a file in a way that is not allowed: " + printable(path, 100),
                    why, "Nothing was downloaded. Choose another model, or tell the hub about it.");
    };
    if (path.empty() || path.size() > kLongestPath) refuse("empty or too long");
    if (!isUtf8(path)) refuse("not UTF-8");
    if (path.find('\\') != std::string_view::npos) refuse("a backslash");
    if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 32 || c == 127; }))
        refuse("control characters");
    for (const std::string& part : split(path, '/')) {
        if (part.empty()) refuse("an empty part");
        if (part == "." || part == "..") refuse("it points outside");
        if (part.size() > kLongestName) refuse("too long");
    }
}

std::string lastPart(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string urlPath(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain =
            byte < 128 && (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~' || c == '/');
        out += plain ? std::string(1, c) : format("%%%02X", byte);
    }
    return out;
}

} // namespace nibble
