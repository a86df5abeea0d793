// A small hub on this computer (127.0.0.1), as Hugging Face answers, well or badly on request.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <base/sha256.h>
#include <functional>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace nibble::test {

class HubServer {
public:
    using json = nlohmann::json;
    struct Answer {
        int status = 200;
        std::string body;
        std::vector<std::string> headers;
        std::size_t cutAfter = std::string::npos; // bytes of the body, then the connection ends
        bool endless = false;                     // the body over and over, without a length
        int pauseMs = 0;                          // between pieces of 4 KiB
    };
    struct Request {
        std::string path;
        uint64_t from = 0;         // of its range
        std::string authorization; // "Bearer hf_...", or none
    };
    /// May change the answer that the hub would give.
    using Change = std::function<void(const Request&, Answer&)>;

    static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

    HubServer() {
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (m_socket < 0 || ::bind(m_socket, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(m_socket, 16) != 0 || ::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &length) != 0)
            throw std::runtime_error("no socket for the hub");
        m_port = ntohs(address.sin_port);
        m_accepting = std::thread([this] { accept(); });
    }
    ~HubServer() {
        m_ending = true;
        ::shutdown(m_socket, SHUT_RDWR);
        m_accepting.join();
        for (std::thread& thread : m_answering) thread.join();
        ::close(m_socket);
    }
    HubServer(const HubServer&) = delete;
    HubServer& operator=(const HubServer&) = delete;

    std::string address() const { return "http://127.0.0.1:" + std::to_string(m_port); }

    /// Of every model; large ones (over 200 bytes) have a checksum.
    std::map<std::string, std::string> files;
    /// What its API says of a model, before `change`.
    json model() const {
        json siblings = json::array();
        for (const auto& [path, content] : files) {
            json file = {{"rfilename", path}, {"size", content.size()}};
            if (content.size() > 200) {
                Sha256 hash;
                hash.add(content);
                file["lfs"] = {{"sha256", hash.hex()}, {"size", content.size()}, {"pointerSize", 134}};
            }
            siblings.push_back(file);
        }
        return {{"id", "anna/tiny"}, {"sha", kCommit},       {"gated", false}, {"cardData", {{"license", "mit"}}},
                {"tags", {"gguf"}},  {"siblings", siblings}, {"downloads", 7}};
    }
    void change(Change change) {
        const std::lock_guard lock(m_mutex);
        m_change = std::move(change);
    }
    /// Paths and ranges that were asked for: "/anna/tiny/resolve/.../a.gguf 0".
    std::vector<std::string> requests() const {
        const std::lock_guard lock(m_mutex);
        return m_requests;
    }

private:
    void accept() {
        while (!m_ending) {
            const int connection = ::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection < 0) return;
            m_answering.emplace_back([this, connection] {
                answer(connection);
                ::close(connection);
            });
        }
    }
    static bool send(int connection, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(std::size_t(n));
        }
        return true;
    }
    Answer usual(Request request) const {
        if (request.path.starts_with("http://")) // as a proxy
            request.path.erase(0, request.path.find('/', 7));
        if (request.path.starts_with("/api/models?")) return {200, json::array({model()}).dump()};
        if (request.path.starts_with("/api/models/")) return {200, model().dump()};
        for (const auto& [path, content] : files) {
            if (!request.path.ends_with("/" + path)) continue;
            if (request.from == 0) return {200, content};
            if (request.from >= content.size()) return {416, ""};
            return {206,
                    content.substr(request.from),
                    {"Content-Range: bytes " + std::to_string(request.from) + "-" + std::to_string(content.size() - 1) +
                     "/" + std::to_string(content.size())}};
        }
        return {404, "Not found"};
    }
    void answer(int connection) {
        std::string head;
        char bytes[4096];
        while (head.find("\r\n\r\n") == std::string::npos) {
            const ssize_t n = ::recv(connection, bytes, sizeof bytes, 0);
            if (n <= 0) return;
            head.append(bytes, std::size_t(n));
        }
        Request request{head.substr(4, head.find(' ', 4) - 4)};
        if (const std::size_t range = head.find("Range: bytes="); range != std::string::npos)
            request.from = std::stoull(head.substr(range + 13));
        constexpr std::string_view kAuthorization = "\r\nAuthorization: ";
        if (const std::size_t line = head.find(kAuthorization); line != std::string::npos) {
            const std::size_t value = line + kAuthorization.size();
            request.authorization = head.substr(value, head.find("\r\n", value) - value);
        }
        Answer reply;
        {
            const std::lock_guard lock(m_mutex);
            m_requests.push_back(request.path + " " + std::to_string(request.from));
            reply = usual(request);
            if (m_change) m_change(request, reply);
        }
        std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " x\r\nConnection: close\r\n";
        if (!reply.endless) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
        for (const std::string& header : reply.headers) text += header + "\r\n";
        if (!send(connection, text + "\r\n")) return;
        const std::string_view body = std::string_view(reply.body).substr(0, reply.cutAfter);
        do {
            for (std::size_t at = 0; at < body.size() && !m_ending; at += 4096) {
                if (!send(connection, body.substr(at, 4096))) return;
                if (reply.pauseMs > 0) std::this_thread::sleep_for(std::chrono::milliseconds(reply.pauseMs));
            }
        } while (reply.endless && !m_ending);
    }

    int m_socket = -1;
    int m_port = 0;
    std::atomic<bool> m_ending = false;
    mutable std::mutex m_mutex;
    Change m_change;
    std::vector<std::string> m_requests;
    std::vector<std::thread> m_answering;
    std::thread m_accepting;
};

} // namespace nibble::test
