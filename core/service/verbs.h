// What each verb of protocol.h does, apart from the traffic.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nibble/generate.h>
#include <nibble/progress.h>
#include <nlohmann/json.hpp>
#include <service/params.h>
#include <span>
#include <stop_token>
#include <string_view>

namespace nibble {

/// What a verb may use besides its params.
struct Call {
    std::unique_ptr<Session>& session; // the loaded model, or null; only verbs that are not quick may touch it
    ProgressFn progress;
    std::function<void(std::string_view)> text;
    std::function<void(const char* name, nlohmann::json data)> event; // any other, as protocol.h lists them
    std::stop_token stop;
    const std::atomic<bool>& ending; // whether it was stopped because the client is gone, not by its wish
};

struct Verb {
    std::string_view name;
    bool quick; // answered beside a running job
    nlohmann::json (*run)(Params& params, Call& call);
};

/// All verbs but cancel.
std::span<const Verb> verbs();

} // namespace nibble
