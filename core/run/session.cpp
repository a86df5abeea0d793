#include <run/session_impl.h>

#include <algorithm>
#include <base/clock.h>
#include <base/text.h>
#include <cassert>
#include <nibble/error.h>
#include <run/estimate.h>
#include <run/stop_scope.h>

namespace nibble {
namespace {

void refuseIfTooLarge(const Estimate& estimate) {
    if (estimate.verdict.fit != Fit::DoesNotFit) return;
    throw Error(ErrorKind::NoMemory,
                "This model needs " + humanBytes(estimate.totalBytes) + " of memory, " +
                    humanBytes(uint64_t(-estimate.verdict.spareBytes)) + " more than is free now.",
                nibble::format("context of %d tokens", estimate.contextLength),
                "Close other programs, choose a shorter context or make the model smaller.");
}

bool failureOfDevice(const Error& e) {
    return e.kind == ErrorKind::Device || e.kind == ErrorKind::NoMemory || e.kind == ErrorKind::NotFound;
}

Placement onCpuBecause(const Placement& old, const Error& failure) {
    Placement cpu = old;
    cpu.gpuLayers = 0;
    cpu.device = "cpu";
    cpu.reason = std::string("The graphics card failed, so the processor does the work. ") + failure.what();
    return cpu;
}

/// One past the last token that is not padding ("[PADn]", or rows that the tokenizer does not know).
int32_t usableVocab(const Tokenizer& tokenizer, int32_t rows) {
    int32_t n = std::min(tokenizer.vocabSize(), rows);
    while (n > 1 && tokenizer.tokenType(n - 1) == TokenType::Unused) --n;
    return n;
}

} // namespace

std::unique_ptr<Session> Session::load(const LoadOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const Clock::time_point start = Clock::now();
    const CpuLevel level = cpuLevelOf(options.cpuLevel);
    auto impl = std::make_unique<Impl>(options.threads);
    impl->source = openModel(options.model);
    const ModelSource& source = *impl->source;
    const SessionShape shape = sessionShape(planOf(source), options.contextLength, options.kvFormat, options.precise);
    impl->shape = shape;
    const auto test = [&](const VulkanDevice& card) { return testInHelper(card, progress, stop); };
    impl->placement = choosePlacement(source, shape, options.device, level, impl->pool.size(), test);
    if (!options.ignoreMemory) refuseIfTooLarge(estimateSource(source, source.fileBytes(), shape, impl->placement));

    impl->tokenizer = tokenizerOf(source);
    try {
        impl->chatTemplate =
            source.isHuggingFace() ? chatTemplateFromFolder(source.path()) : chatTemplateFromGguf(source.metadata());
    } catch (const Error& error) { // the model can still continue text, or chat in ChatML
        impl->templateProblem = error.what();
    }
    impl->place(!options.ignoreMemory, progress, stop);
    source.check();
    impl->usableVocab = usableVocab(*impl->tokenizer, impl->model.plan.vocabSize);
    impl->cached.reserve(std::size_t(shape.contextLength));

    Info& info = impl->info;
    info.name = source.metadata().string("general.name").value_or("");
    if (info.name.empty()) info.name = source.path().stem().string();
    info.cpuLevel = cpuLevelName(level);
    impl->describePlacement();
    info.contextLength = shape.contextLength;
    info.vocabSize = impl->model.plan.vocabSize;
    info.hasChatTemplate = impl->chatTemplate != nullptr;
    info.thinks = info.hasChatTemplate && impl->chatTemplate->knowsReasoning();
    info.canSwitchThinking = info.hasChatTemplate && impl->chatTemplate->switchesThinking();
    info.loadSeconds = secondsSince(start);
    return std::unique_ptr<Session>(new Session(std::move(impl)));
}

Session::Session(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Session::~Session() = default;
const Session::Info& Session::info() const { return m_impl->info; }
Sampling Session::suggestedSampling(std::optional<bool> thinking) const {
    return samplingOf(m_impl->source->metadata(), thinking);
}
int32_t Session::bosToken() const { return m_impl->tokenizer->addBos() ? m_impl->tokenizer->bos() : -1; }

std::vector<int32_t> Session::tokenize(std::string_view text, bool addBos) const {
    std::vector<int32_t> tokens = m_impl->tokenizer->encode(text, false);
    if (addBos && bosToken() >= 0) tokens.insert(tokens.begin(), bosToken());
    return tokens;
}

std::string Session::detokenize(std::span<const int32_t> tokens) const { return m_impl->tokenizer->decode(tokens); }

void Session::Impl::describePlacement() {
    info.backend = backend->name();
    info.device = placement.device;
    info.deviceReason = placement.reason;
    info.layers = placement.layers;
    info.gpuLayers = placement.gpuLayers;
    info.memoryBytes = backend->memory().total();
}

void Session::Impl::place(bool checkMemory, const ProgressFn& progress, const std::stop_token& stopLoading) {
    const auto put = [&] {
        backend = makeBackend(placement, shape.terms, pool);
        model = placeModel(*backend, *source, shape.contextLength, shape.kv, rowsOfBatch(shape, placement),
                           shape.maxLogitRows, progress, stopLoading);
    };
    try {
        put();
    } catch (const Error& failure) {
        if (placement.onlyCpu() || !failureOfDevice(failure)) throw;
        backend.reset();
        placement = onCpuBecause(placement, failure);
        if (checkMemory) refuseIfTooLarge(estimateSource(*source, source->fileBytes(), shape, placement));
        put();
    }
}

void Session::Impl::survivingDevice(const std::function<void()>& run) {
    try {
        return run();
    } catch (const Error& failure) {
        if (placement.onlyCpu() || !failureOfDevice(failure)) throw;
        backend.reset();
        placement = onCpuBecause(placement, failure);
        refuseIfTooLarge(estimateSource(*source, source->fileBytes(), shape, placement));
    }
    place(false, {}, stopped);
    backend->setStop(stopped);
    describePlacement();
    const std::vector<int32_t> before = std::move(cached);
    clearCache();
    cached.reserve(std::size_t(shape.contextLength));
    if (!before.empty()) prefill(before, 0);
    run();
}

void Session::Impl::clearCache() {
    cached.clear();
    written = stateAt = keptAt = 0;
}

std::span<const float> Session::Impl::logits(int32_t row) const {
    return backend->read({model.logits, row, 1}).first(std::size_t(usableVocab));
}

int32_t Session::Impl::topOnCard(int32_t decisive) const {
    const int32_t wanted = std::min(decisive, usableVocab);
    return placement.onlyCpu() || wanted > kMostTopValues || usableVocab > kMostTopColumns ? 0 : wanted;
}

std::span<const Sampler::Candidate> Session::Impl::largestLogits(int32_t top) {
    const std::span<const float> pairs = backend->read({model.top, 0, 1});
    for (std::size_t i = 0; i < std::size_t(top); ++i) largest[i] = {pairs[2 * i], int32_t(pairs[2 * i + 1])};
    return std::span(largest).first(std::size_t(top));
}

void Session::Impl::checkFiles() const {
    const MemoryUse memory = backend->memory();
    if (memory.mappedWeights + memory.fileRows > 0 || placement.streams()) source->check();
}

int32_t Session::Impl::reusable(std::span<const int32_t> prompt) const {
    const std::size_t limit = std::min(cached.size(), prompt.size() - 1);
    const auto [end, _] = std::mismatch(prompt.begin(), prompt.begin() + std::ptrdiff_t(limit), cached.begin());
    const auto common = int32_t(end - prompt.begin());
    if (isRecurrent(model.plan)) return stateAt > 0 && stateAt <= common ? stateAt : keptAt <= common ? keptAt : 0;
    // A sliding-window layer has forgotten what later positions were written over.
    for (const LayerPlan& layer : model.plan.layers) {
        const int32_t capacity = kvCapacity(layer, model.contextLength, model.maxRows);
        if (capacity < model.contextLength && std::max(0, common - layer.window) < written - capacity) return 0;
    }
    return common;
}

void Session::Impl::checkTokens(std::span<const int32_t> tokens) const {
    for (int32_t token : tokens)
        if (token < 0 || token >= model.plan.vocabSize)
            throw Error(ErrorKind::BadFile, "The model's vocabulary does not fit its weights.",
                        nibble::format("token %d of %d", token, model.plan.vocabSize),
                        "Download the model again or choose another one.");
}

void Session::Impl::step(std::span<const int32_t> tokens, int32_t logitRows, int32_t top) {
    const auto pos = int32_t(cached.size());
    written = std::max(written, pos + int32_t(tokens.size()));
    stateAt = -1; // until the batch is done
    survivingDevice([&] {
        // After a card has failed, the processor's batches are smaller.
        for (std::size_t i = 0, n = 0; i < tokens.size(); i += n) {
            n = std::min(tokens.size() - i, std::size_t(model.maxRows));
            forward(*backend, model, tokens.subspan(i, n), pos + int32_t(i), i + n == tokens.size() ? logitRows : 0,
                    {top, usableVocab});
        }
    });
    cached.insert(cached.end(), tokens.begin(), tokens.end());
    stateAt = int32_t(cached.size());
}

void Session::Impl::prefill(std::span<const int32_t> tokens, int32_t from, int32_t top) {
    checkTokens(tokens);
    if (from == 0) clearCache();
    cached.resize(std::size_t(from));
    rewindStates(from);
    // What follows a prompt is often said again in another way: another answer, or the same without its thoughts. So
    // the states are set aside a little before its end, where the template may already have begun the answer.
    constexpr std::size_t kBeforeEnd = 32;
    const std::size_t keep = isRecurrent(model.plan) && tokens.size() > kBeforeEnd ? tokens.size() - kBeforeEnd : 0;
    for (std::size_t i = std::size_t(from); i < tokens.size();) {
        const std::size_t end = i < keep ? keep : tokens.size();
        const std::size_t n = std::min(end - i, std::size_t(model.maxRows));
        step(tokens.subspan(i, n), i + n == tokens.size() ? 1 : 0, top);
        i += n;
        if (i != keep) continue;
        keptAt = 0; // until they are there
        survivingDevice([&] { backend->keepStates(); });
        keptAt = int32_t(keep);
    }
}

void Session::Impl::rewindStates(int32_t from) {
    if (from == 0 || !isRecurrent(model.plan) || from == stateAt) return;
    assert(from == keptAt);
    stateAt = -1; // until they are there
    survivingDevice([&] {
        if (stateAt != from) backend->restoreStates(); // where the device failed, they have been computed again
    });
    stateAt = from;
}

void Session::Impl::readAt(int32_t from, std::span<const int32_t> tokens, int32_t firstLogit,
                           const OnLogits& onLogits) {
    const auto n = int32_t(tokens.size());
    for (int32_t done = 0; done < n; done += model.maxRows) {
        const int32_t pos = from + done, rows = std::min(model.maxRows, n - done);
        const int32_t wanted = std::clamp(pos + rows - std::max(firstLogit, 0), 0, rows);
        forwardHidden(*backend, model, tokens.subspan(std::size_t(done), std::size_t(rows)), pos, wanted);
        for (int32_t row = rows - wanted; row < rows; row += model.maxLogitRows) {
            const int32_t slice = std::min(model.maxLogitRows, rows - row);
            logitsOfHidden(*backend, model, pos, row, slice);
            for (int32_t i = 0; i < slice; ++i) onLogits(pos + row + i, backend->read({model.logits, i, 1}));
        }
    }
}

void Session::Impl::checkLength(int32_t n) const {
    if (n <= model.contextLength) return;
    throw Error(ErrorKind::ContextFull,
                nibble::format("The text has %d tokens, but only %d fit.", n, model.contextLength), {},
                "Choose a larger context.");
}

void Session::evaluate(std::span<const int32_t> tokens, int32_t firstLogit, const OnLogits& onLogits,
                       std::stop_token stop) {
    Impl& impl = *m_impl;
    impl.checkLength(int32_t(tokens.size()));
    impl.checkTokens(tokens);
    const StopScope scope(impl, std::move(stop));
    impl.clearCache();
    impl.readAt(0, tokens, firstLogit, onLogits);
    impl.checkFiles();
}

Session::Speed Session::measureSpeed(int32_t nPrompt, int32_t nDecode, int32_t repeats, std::stop_token stop) {
    Impl& impl = *m_impl;
    if (nPrompt < 1 || nDecode < 1 || repeats < 1 || std::max(nPrompt, nDecode) > impl.model.contextLength)
        throw Error(ErrorKind::BadRequest, "These numbers of tokens cannot be measured in this context.",
                    nibble::format("%d and %d tokens of %d", nPrompt, nDecode, impl.model.contextLength));
    const StopScope scope(impl, std::move(stop));
    std::vector<int32_t> prompt(std::size_t(nPrompt), 0);
    for (std::size_t i = 0; i < prompt.size(); ++i) prompt[i] = int32_t(i * 31 % std::size_t(impl.usableVocab));

    Speed best;
    for (int32_t r = 0; r < repeats; ++r) {
        Clock::time_point start = Clock::now();
        impl.prefill(prompt, 0);
        best.prefill = std::max(best.prefill, nPrompt / secondsSince(start));
        impl.clearCache();
        start = Clock::now();
        for (int32_t i = 0; i < nDecode; ++i) {
            const int32_t token = i * 31 % impl.usableVocab;
            impl.step({&token, 1}, 1);
        }
        best.decode = std::max(best.decode, nDecode / secondsSince(start));
    }
    impl.clearCache();
    impl.checkFiles();
    return best;
}

} // namespace nibble
