#include <algorithm>
#include <base/text.h>
#include <charconv>
#include <cstdlib>
#include <curl/curl.h>
#include <exception>
#include <library/http.h>
#include <library/hub_name.h>
#include <mutex>
#include <nibble/error.h>

namespace nibble {

namespace {

constexpr int kMostRedirects = 8;
constexpr std::size_t kLongestToken = 1000;
constexpr std::size_t kMostIgnored = 256 * 1024;
constexpr long kConnectSeconds = 20, kStallSeconds = 60;

/// What goes on while one answer comes in. Exceptions must not cross libcurl: they wait here.
struct Transfer {
    CURL* curl = nullptr;
    const std::function<void(const HttpAnswer&)>* begin = nullptr;
    const std::function<void(std::span<const std::byte>)>* sink = nullptr;
    const std::stop_token* stop = nullptr;
    std::string contentRange;
    std::size_t ignored = 0; // bytes of an error's or a redirect's text
    bool begun = false;
    std::exception_ptr thrown;
};

/// "bytes 100-199/200"; false where it is something else.
bool parseRange(std::string_view text, HttpAnswer& answer) {
    if (!text.starts_with("bytes ")) return false;
    const char* const end = text.data() + text.size();
    const auto [dash, error] = std::from_chars(text.data() + 6, end, answer.from);
    const std::size_t slash = text.find('/');
    if (error != std::errc() || slash == std::string_view::npos || dash == end || *dash != '-') return false;
    const auto [stop, error2] = std::from_chars(text.data() + slash + 1, end, answer.total);
    return error2 == std::errc() && stop == end;
}

long statusOf(CURL* curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

HttpAnswer answerOf(const Transfer& transfer) {
    HttpAnswer answer;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (statusOf(transfer.curl) != 206) {
        answer.total = length > 0 ? uint64_t(length) : 0;
    } else if (!parseRange(transfer.contentRange, answer)) {
        throw Error(ErrorKind::BadFile, "The hub's answer makes no sense.",
                    "Content-Range: " + printable(transfer.contentRange), "Try again later.");
    }
    return answer;
}

std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    std::string line(data, size * count);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
    if (line.starts_with("HTTP/")) transfer.contentRange.clear(); // of a proxy's or an earlier answer
    constexpr std::string_view kName = "content-range:";
    const bool isRange = line.size() > kName.size() &&
                         std::equal(kName.begin(), kName.end(), line.begin(),
                                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    if (isRange) transfer.contentRange = line.substr(line.find_first_not_of(' ', kName.size()));
    return size * count;
}

std::size_t onBytes(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    const long status = statusOf(transfer.curl);
    if (status != 200 && status != 206) // the text of an error or a redirect: nobody reads it, but it may be endless
        return (transfer.ignored += bytes) <= kMostIgnored ? bytes : 0;
    try {
        if (!std::exchange(transfer.begun, true)) (*transfer.begin)(answerOf(transfer));
        (*transfer.sink)(std::as_bytes(std::span(data, bytes)));
        return bytes;
    } catch (...) {
        transfer.thrown = std::current_exception();
        return 0;
    }
}

int onProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stop->stop_requested();
}

/// Where this computer keeps the certificates that it trusts, if not where libcurl looks.
std::string certificates() {
    for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"})
        if (const char* set = std::getenv(name); set && *set) return set;
    const char* builtIn = curl_version_info(CURLVERSION_NOW)->cainfo;
    for (const char* path : {builtIn, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                             "/etc/ssl/ca-bundle.pem"}) {
        std::error_code ignored;
        if (path && std::filesystem::exists(path, ignored)) return path;
    }
    return {};
}

constexpr const char* kCheckNetwork =
    "Check that this computer is connected to the Internet. In an office, ask whether "
    "programs have to use a proxy (HTTPS_PROXY).";

/// Faults that no second try mends.
void throwFatal(CURLcode code, const std::string& host, const std::string& detail) {
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        throw Error(ErrorKind::Network,
                    "The connection to " + host + " is not safe: this computer does not trust its certificate.", detail,
                    "If your office inspects encrypted traffic, ask its IT to install the office's certificate on this "
                    "computer. Check the clock of this computer, too.");
    case CURLE_COULDNT_RESOLVE_PROXY:
        throw Error(ErrorKind::Network, "The proxy cannot be found.", detail,
                    "Check the proxy in the system's settings (HTTPS_PROXY).");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        throw Error(ErrorKind::BadFile, "The hub's answer leads to an address that is not allowed.", detail,
                    "Nothing was downloaded. Choose another model or hub.");
    default:
        return;
    }
}

void throwForStatus(long status, const std::string& url) {
    const std::string detail = format("HTTP %ld, ", status) + printable(url, 300), host = hostOf(url);
    if (status == 401 || status == 403)
        throw Error(
            ErrorKind::Unsupported,
            "The hub gives this model only to people who have signed in and agreed to its terms, or it does not "
            "exist.",
            detail,
            "Check the name. If it is right, agree to the model's terms on its page and give Nibble an access token of "
            "yours (Settings, Internet; for nibble-cli HF_TOKEN).");
    if (status == 404 || status == 410)
        throw Error(ErrorKind::NotFound, "The hub has nothing of this name.", detail,
                    "Check the name: owner/model, with capital letters where the hub has them.");
    if (status == 407)
        throw Error(ErrorKind::Network, "The proxy asks for a name and a password.", detail,
                    "Write them into the proxy's address: http://name:password@proxy:8080 (HTTPS_PROXY).");
    if (status >= 400 && status < 500 && status != 408 && status != 416 && status != 429)
        throw Error(ErrorKind::Network, host + " refuses the request.", detail, "Try again later.");
}

/// A token becomes a line of the request's head, so nothing in it may end the line. The error does not repeat it.
void checkToken(const std::string& token) {
    const bool good = token.size() <= kLongestToken &&
                      std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > 32 && c < 127; });
    if (!good)
        throw Error(ErrorKind::BadRequest, "This is not an access token of a hub.", {},
                    "Copy it again from the hub's settings: letters, digits and signs without spaces.");
}

[[noreturn]] void throwCut(const std::string& host, const std::string& cut) {
    throw Error(ErrorKind::Network, host + " cannot be reached.", cut, kCheckNetwork);
}

} // namespace

struct Http::Impl {
    std::string hub;
    std::function<void(const std::string&)> onConnection;
    CURL* curl = nullptr;
    curl_slist* signedIn = nullptr; // the header that says who asks; none without a token

    ~Impl() {
        curl_easy_cleanup(curl);
        curl_slist_free_all(signedIn);
    }

    /// One request without following. Returns why it was cut.
    std::string once(const std::string& url, uint64_t from, Transfer& transfer) {
        const std::string range = std::to_string(from) + "-", host = hostOf(url);
        char reason[CURL_ERROR_SIZE] = "";
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_RANGE, from > 0 ? range.c_str() : nullptr);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, url.starts_with(hub + "/") ? signedIn : nullptr);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
        if (onConnection) onConnection(host);
        const CURLcode code = curl_easy_perform(curl);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
        if (transfer.thrown) std::rethrow_exception(transfer.thrown);
        if (transfer.stop->stop_requested()) throw Error(ErrorKind::Canceled, "Stopped.");
        const std::string detail = host + ": " + (*reason ? reason : curl_easy_strerror(code));
        throwFatal(code, host, detail);
        if (code != CURLE_OK && transfer.ignored <= kMostIgnored) return detail;
        const long status = statusOf(curl);
        throwForStatus(status, url);
        if (status == 416) return "the server has not that much of the file";
        if (status == 429 || status >= 500) return host + format(": HTTP %ld", status);
        return {};
    }
};

Http::Http(std::string hub, const HubAccess& access) : m_impl(std::make_unique<Impl>()) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    if (!access.token.empty()) {
        checkToken(access.token);
        m_impl->signedIn = curl_slist_append(nullptr, ("Authorization: Bearer " + access.token).c_str());
        if (!m_impl->signedIn) throw std::bad_alloc();
    }
    m_impl->hub = std::move(hub);
    m_impl->onConnection = access.onConnection;
    CURL* curl = m_impl->curl = curl_easy_init();
    if (!curl) throw std::bad_alloc();
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L); // get() looks at where it leads
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Nibble");
    curl_easy_setopt(curl, CURLOPT_HEADEROPT, long(CURLHEADER_SEPARATE)); // a proxy does not learn who asks
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, onBytes);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, onProgress);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (!access.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, access.proxy.c_str());
    if (const std::string file = certificates(); !file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, file.c_str());
}

Http::~Http() = default;

std::string Http::get(const std::string& url, uint64_t from, const std::function<void(const HttpAnswer&)>& begin,
                      const std::function<void(std::span<const std::byte>)>& sink, const std::stop_token& stop) {
    std::string at = url;
    for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
        if (!mayConnect(at, m_impl->hub)) throwFatal(CURLE_UNSUPPORTED_PROTOCOL, {}, printable(at, 300));
        throwIfStopped(stop);
        Transfer transfer{m_impl->curl, &begin, &sink, &stop};
        const std::string cut = m_impl->once(at, from, transfer);
        if (!cut.empty()) return cut;
        const long status = statusOf(m_impl->curl);
        if (status == 200 || status == 206) {
            if (!transfer.begun) begin(answerOf(transfer)); // an empty file
            return {};
        }
        char* next = nullptr;
        curl_easy_getinfo(m_impl->curl, CURLINFO_REDIRECT_URL, &next);
        if (!next)
            throw Error(ErrorKind::BadFile, "The hub's answer makes no sense.",
                        format("HTTP %ld, ", status) + printable(at, 300), "Try again later.");
        at = next;
    }
    throw Error(ErrorKind::BadFile, "The hub sends from one address to the next without an end.", printable(url, 300),
                "Try again later.");
}

std::string Http::text(const std::string& url, std::size_t maxBytes, const std::stop_token& stop) {
    std::string out;
    const std::string cut = get(
        url, 0, [&](const HttpAnswer&) { out.clear(); },
        [&](std::span<const std::byte> bytes) {
            if (bytes.size() > maxBytes - out.size())
                throw Error(ErrorKind::BadFile, "The hub's answer is too long.",
                            format("more than %zu bytes, ", maxBytes) + printable(url, 300), "Try again later.");
            out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        },
        stop);
    if (!cut.empty()) throwCut(hostOf(url), cut);
    return out;
}

} // namespace nibble
