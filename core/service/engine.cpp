// The traffic of an engine process: one thread reads, one runs the verbs, one answers the quick ones beside it.
#include <algorithm>
#include <base/pause.h>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <nibble/engine.h>
#include <nibble/json.h>
#include <nibble/protocol.h>
#include <service/line_io.h>
#include <service/verbs.h>
#include <thread>
#include <unistd.h>

namespace nibble {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int64_t kMaxId = int64_t(1) << 53; // what every JSON reader keeps exact
constexpr std::size_t kMostWaiting = 1000;
constexpr auto kTextInterval = std::chrono::milliseconds(16);

const Verb* findVerb(std::string_view name) {
    for (const Verb& verb : verbs())
        if (verb.name == name) return &verb;
    return nullptr;
}

/// Runs f; whatever it throws comes out as an Error's JSON, `ok` says which.
template<class F>
json guarded(bool& ok, F&& f) {
    ok = false;
    try {
        json result = f();
        ok = true;
        return result;
    } catch (const Error& error) {
        return toJson(error);
    } catch (const std::bad_alloc&) {
        return toJson(Error(ErrorKind::NoMemory, "There is not enough memory for this.", "std::bad_alloc",
                            "A smaller model or a shorter context usually helps."));
    } catch (const std::exception& error) {
        return toJson(Error(ErrorKind::Internal, "Something went wrong inside Nibble.", error.what(),
                            "Please report this as a bug."));
    }
}

struct Request {
    int64_t id = 0;
    const Verb* verb = nullptr;
    json params;
    std::stop_source stop;
};

class Engine {
public:
    explicit Engine(std::FILE* out) : m_out(out) {}
    void serve(std::FILE* in);

private:
    struct Lane { // requests that run one after the other
        std::deque<Request> waiting;
        std::condition_variable arrived;
    };

    void accept(const std::string& line);
    void acceptRequest(const json& object, int64_t id);
    json cancel(Params params);
    json pause(Params params);
    void holdOrGoOn();
    void enqueue(Request request);
    void runLane(Lane& lane);
    void runRequest(Request& request);
    void end(json id, bool ok, json answer);
    void event(int64_t id, const char* name, json data);
    void finishUp();

    LineWriter m_out;
    std::unique_ptr<Session> m_session; // touched by the job lane only
    std::mutex m_mutex;                 // guards what follows
    Lane m_quick, m_jobs;
    struct Open {
        std::stop_source stop;
        bool quick;
    };
    std::map<int64_t, Open> m_open; // waiting and running requests
    bool m_ending = false, m_pause = false;
    std::atomic<bool> m_clientGone = false;
};

void Engine::end(json id, bool ok, json answer) {
    if (id.is_number()) {
        const std::lock_guard lock(m_mutex);
        m_open.erase(id.get<int64_t>());
        holdOrGoOn();
    }
    if (m_out.write({{"id", id}, {ok ? "result" : "error", std::move(answer)}}) || m_out.closed()) return;
    m_out.write({{"id", id}, {"error", toJson(Error(ErrorKind::Internal, "The answer is too long to be sent."))}});
}

void Engine::event(int64_t id, const char* name, json data) {
    m_out.write({{"id", id}, {"event", name}, {"data", std::move(data)}});
    if (!m_out.closed()) return;
    m_clientGone = true;
    const std::lock_guard lock(m_mutex); // nobody listens any more: no work without a reader
    for (auto& [each, open] : m_open) open.stop.request_stop();
    holdOrGoOn();
}

void Engine::runRequest(Request& request) {
    std::string pending; // text not sent yet
    Clock::time_point lastText = Clock::now() - kTextInterval;
    const auto flushText = [&] {
        if (!pending.empty()) event(request.id, "text", {{"text", std::move(pending)}});
        pending.clear();
        lastText = Clock::now();
    };
    std::unique_ptr<Session> none;
    Call call{request.verb->quick ? none : m_session,
              [&](const Progress& progress) { event(request.id, "progress", toJson(progress)); },
              [&](std::string_view text) {
                  pending += text;
                  if (Clock::now() - lastText >= kTextInterval) flushText();
              },
              [&](const char* name, json data) { event(request.id, name, std::move(data)); },
              request.stop.get_token(),
              m_clientGone};
    bool ok;
    json answer = guarded(ok, [&] {
        throwIfStopped(call.stop);
        Params params(request.params, "params");
        return request.verb->run(params, call);
    });
    flushText();
    end(request.id, ok, std::move(answer));
}

void Engine::runLane(Lane& lane) {
    for (;;) {
        std::unique_lock lock(m_mutex);
        lane.arrived.wait(lock, [&] { return m_ending || !lane.waiting.empty(); });
        if (lane.waiting.empty()) return;
        Request request = std::move(lane.waiting.front());
        lane.waiting.pop_front();
        lock.unlock();
        runRequest(request);
    }
}

void Engine::enqueue(Request request) {
    const std::lock_guard lock(m_mutex);
    Lane& lane = request.verb->quick ? m_quick : m_jobs;
    if (lane.waiting.size() >= kMostWaiting)
        throw Error(ErrorKind::BadRequest, "Too many requests are waiting.", std::to_string(kMostWaiting));
    m_open[request.id] = {request.stop, request.verb->quick};
    lane.waiting.push_back(std::move(request));
    lane.arrived.notify_one();
}

json Engine::cancel(Params params) {
    const int64_t target = params.integer("target", 1, kMaxId);
    params.rejectUnknown();
    bool found = false, waiting = false;
    {
        const std::lock_guard lock(m_mutex);
        const auto it = m_open.find(target);
        found = it != m_open.end();
        if (found) it->second.stop.request_stop();
        holdOrGoOn();
        for (Lane* lane : {&m_quick, &m_jobs})
            waiting |= std::erase_if(lane->waiting, [&](const Request& r) { return r.id == target; }) > 0;
    }
    if (waiting) end(target, false, toJson(Error(ErrorKind::Canceled, "Stopped before it began.")));
    return {{"found", found}};
}

/// Jobs stand still where the client wants that, except for one that is to end. Called with m_mutex held.
void Engine::holdOrGoOn() {
    const bool ends = std::any_of(m_open.begin(), m_open.end(), [](const auto& each) {
        return !each.second.quick && each.second.stop.stop_requested();
    });
    setPaused(m_pause && !ends && !m_ending);
}

json Engine::pause(Params params) {
    const bool on = params.flag("on", true);
    params.rejectUnknown();
    const std::lock_guard lock(m_mutex);
    m_pause = on;
    holdOrGoOn();
    return json::object();
}

void Engine::acceptRequest(const json& object, int64_t id) {
    Params fields(object, "request");
    fields.integer("id", 1, kMaxId);
    const std::string name = fields.text("verb");
    fields.object("params");
    fields.rejectUnknown();
    json params = json::object();
    if (const auto it = object.find("params"); it != object.end() && !it->is_null()) params = *it;
    if (name == protocol::kCancel) return end(id, true, cancel(Params(params, "params")));
    if (name == protocol::kPause) return end(id, true, pause(Params(params, "params")));
    const Verb* verb = findVerb(name);
    if (!verb) throw Error(ErrorKind::BadRequest, "The request is not understood: there is no such verb.", "verb");
    enqueue({id, verb, std::move(params), {}});
}

void Engine::accept(const std::string& line) {
    json id; // null until we know whom to answer
    bool ok;
    json fault = guarded(ok, [&] {
        const json object = parseLine(line);
        const int64_t number = Params(object, "request").integer("id", 1, kMaxId);
        {
            const std::lock_guard lock(m_mutex);
            if (m_open.contains(number))
                throw Error(ErrorKind::BadRequest, "The request is not understood: its id is in use.",
                            "request.id " + std::to_string(number));
        }
        id = number;
        acceptRequest(object, number);
        return json();
    });
    if (!ok) end(id, false, std::move(fault));
}

/// Input has ended: quick answers that are due are still given, jobs are stopped.
void Engine::finishUp() {
    std::deque<Request> dropped;
    m_clientGone = true;
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        for (auto& [id, open] : m_open)
            if (!open.quick || m_out.closed()) open.stop.request_stop();
        holdOrGoOn();
        dropped.swap(m_jobs.waiting);
        m_quick.arrived.notify_all();
        m_jobs.arrived.notify_all();
    }
    for (const Request& request : dropped)
        end(request.id, false, toJson(Error(ErrorKind::Canceled, "Stopped before it began.")));
}

void Engine::serve(std::FILE* in) {
    m_out.write({{"hello", protocol::kHello},
                 {"protocol", protocol::kVersion},
                 {"version", versionString()},
                 {"pid", int64_t(::getpid())}});
    std::jthread quick([this] { runLane(m_quick); });
    std::jthread jobs([this] { runLane(m_jobs); });
    LineReader reader(in);
    std::string line;
    while (!m_out.closed()) {
        const LineReader::Got got = reader.next(line);
        if (got == LineReader::Got::End) break;
        if (got == LineReader::Got::TooLong)
            end(nullptr, false,
                toJson(Error(ErrorKind::BadRequest, "The line is too long.",
                             "more than " + std::to_string(protocol::kMaxLineBytes) + " bytes")));
        else if (line.find_first_not_of(" \t\r") != std::string::npos)
            accept(line);
    }
    finishUp();
}

} // namespace

int serveEngine(std::FILE* in, std::FILE* out) {
    std::signal(SIGPIPE, SIG_IGN); // a client that is gone is seen where we write
    Engine(out).serve(in);
    return 0;
}

const char* versionString() { return NIBBLE_VERSION; }

} // namespace nibble
