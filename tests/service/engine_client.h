// A client of the engine process, as the window is one.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <process.h>

namespace nibble::test {

class EngineClient {
public:
    using json = nlohmann::json;

    EngineClient() : m_process({"engine"}) { hello = next(); }

    json hello;
    std::vector<json> events; // of the last call of end()

    Process& process() { return m_process; }
    void sendLine(const std::string& line) { m_process.write(line + "\n"); }
    int64_t send(const std::string& verb, const json& params = json::object()) {
        sendLine(json{{"id", ++m_lastId}, {"verb", verb}, {"params", params}}.dump());
        return m_lastId;
    }
    /// The next line, whatever it is; null at the end of the stream.
    json next(double seconds = 60) {
        const std::optional<std::string> line = m_process.line(seconds);
        return line ? json::parse(*line) : json();
    }
    /// The end of a request; its events are kept. Ends of other requests are kept for later.
    json end(const json& id, const std::function<void(const json&)>& onEvent = {}) {
        events.clear();
        for (auto it = m_ends.begin(); it != m_ends.end(); ++it)
            if ((*it)["id"] == id) {
                json found = *it;
                m_ends.erase(it);
                return found;
            }
        for (;;) {
            json message = next();
            if (message.is_null()) {
                ADD_FAILURE() << "the engine did not answer request " << id;
                return json::object();
            }
            if (message.contains("event")) {
                if (message["id"] != id) continue;
                events.push_back(message);
                if (onEvent) onEvent(message);
            } else if (message["id"] == id) {
                return message;
            } else {
                m_ends.push_back(message);
            }
        }
    }
    json call(const std::string& verb, const json& params = json::object()) { return end(send(verb, params)); }

private:
    Process m_process;
    int64_t m_lastId = 0;
    std::vector<json> m_ends;
};

} // namespace nibble::test
