// Reading from a hub over HTTP (libcurl), with the certificates of this computer and through its proxy.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <nibble/hub.h>
#include <span>
#include <stop_token>
#include <string>

namespace nibble {

/// What an answer says of itself before its bytes come.
struct HttpAnswer {
    uint64_t from = 0;  // where its first byte lies in the file
    uint64_t total = 0; // bytes of the file; 0 where it does not say
};

/// One hub; connections are used again. Not thread-safe.
class Http {
public:
    /// `hub`: its address, as hubAddress() gives it.
    Http(std::string hub, const HubAccess& access);
    ~Http();

    /// A whole answer of at most `maxBytes`. Throws Error{Network, NotFound, Unsupported (signing in is needed),
    /// BadFile (longer), Canceled}.
    std::string text(const std::string& url, std::size_t maxBytes, const std::stop_token& stop);

    /// The bytes of a file from `from` on, or, where the server cannot do that, from its beginning: `begin` says which,
    /// and is called once before the first byte. Follows redirects, each of them only where mayConnect() allows it.
    /// Returns why the connection ended early ("" where it is whole): worth another try. Throws as text(), and whatever
    /// begin and sink throw.
    std::string get(const std::string& url, uint64_t from, const std::function<void(const HttpAnswer&)>& begin,
                    const std::function<void(std::span<const std::byte>)>& sink, const std::stop_token& stop);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace nibble
