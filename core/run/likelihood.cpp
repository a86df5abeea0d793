#include <algorithm>
#include <cassert>
#include <cmath>
#include <run/session_impl.h>
#include <run/stop_scope.h>

namespace nibble {

namespace {

double logProbability(std::span<const float> logits, int32_t token) {
    const auto max = double(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (float v : logits) sum += std::exp(double(v) - max);
    return double(logits[std::size_t(token)]) - max - std::log(sum);
}

} // namespace

std::vector<double> Session::logLikelihoods(std::span<const int32_t> prompt,
                                            std::span<const std::vector<int32_t>> continuations, std::stop_token stop) {
    Impl& impl = *m_impl;
    assert(!prompt.empty());
    const auto n = int32_t(prompt.size());
    impl.checkTokens(prompt);
    for (const std::vector<int32_t>& tokens : continuations) {
        assert(!tokens.empty());
        impl.checkTokens(tokens);
        // The last token of each is only looked up in the logits before it.
        impl.checkLength(int32_t(std::min<std::size_t>(prompt.size() + tokens.size() - 1, INT32_MAX)));
    }
    const StopScope scope(impl, std::move(stop));
    std::vector<double> sums(continuations.size(), 0.0);
    impl.clearCache();
    impl.readAt(0, prompt, n - 1, [&](int32_t, std::span<const float> logits) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = logProbability(logits, continuations[i].front());
    });
    impl.backend->keepStates(); // of recurrent layers, which each continuation changes
    int32_t reach = n;          // one past the last position written
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::span<const int32_t> tokens(continuations[i]);
        if (tokens.size() < 2) continue;
        // A sliding window that has moved on forgot what lies before it. It keeps the window and one batch.
        if (reach - n > impl.model.maxRows) impl.readAt(0, prompt, n, {});
        impl.backend->restoreStates();
        impl.readAt(n, tokens.first(tokens.size() - 1), n, [&](int32_t position, std::span<const float> logits) {
            sums[i] += logProbability(logits, tokens[std::size_t(position - n + 1)]);
        });
        reach = n + int32_t(tokens.size()) - 1;
    }
    impl.checkFiles();
    return sums;
}

} // namespace nibble
