#include <algorithm>
#include <base/sha256.h>
#include <base/text.h>
#include <chrono>
#include <cmath>
#include <compare/collapse.h>
#include <compare/comparison.h>
#include <compare/evidence.h>
#include <compare/row_block.h>
#include <compare/sample_text.h>
#include <compare/summary.h>
#include <ctime>
#include <nibble/error.h>

namespace nibble {

namespace {

constexpr uint64_t kMaxTextBytes = 256u << 20;
constexpr std::size_t kBytesPerToken = 24; // more than any text has on average

// The speeds that are measured: short, since both models read hundreds of tokens before.
constexpr int32_t kSpeedPrompt = 512, kSpeedAnswer = 32, kSpeedRepeats = 2;

// Work in units of one token read. Writing a token takes a CPU about as long as reading six.
constexpr double kLoadWork = 200, kWriteWork = 6;
constexpr int32_t kContinued = 2, kContinuedFrom = 24, kContinuedBy = 64; // texts; tokens of each, and written after it
constexpr double kContinueWork = kContinued * (kContinuedFrom + kContinuedBy * kWriteWork);
constexpr double kTaskWork = 90; // the question, and the answers after it
constexpr double kSpeedWork = kSpeedRepeats * (kSpeedPrompt + kSpeedAnswer * kWriteWork);

Error differentVocabulary(const std::string& detail) {
    return Error(ErrorKind::BadRequest,
                 "These two models do not share a vocabulary, so their words cannot be compared.", detail,
                 "Compare a model with a smaller one that was made from it.");
}

/// "2026-11-27T18:40:00Z"
std::string timeNow() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc));
}

} // namespace

Comparison::Comparison(const CompareOptions& options, const ProgressFn& progress, std::stop_token stop)
    : m_options(options), m_stop(stop), m_figures{&m_report.original, &m_report.smaller}, m_pool(options.threads),
      m_meter(progress ? ProgressFn([this, progress](const Progress& p) {
                  progress({m_stage, p.item, p.fraction, p.secondsLeft});
              })
                       : ProgressFn(),
              stop, "", 1) {
    m_options.generate.maxTokens = m_options.answerTokens;
}

CompareReport Comparison::run(MemoryOrder order) {
    const auto start = std::chrono::steady_clock::now();
    inspect();
    m_asking.emplace(m_info, m_options.prompts, m_options.generate);
    const bool together = order == MemoryOrder::Automatic
                              ? fitTogether(m_info, contextNeeded(), m_options.threads, logitsBytes())
                              : order == MemoryOrder::Together;
    m_report.oneAfterTheOther = !together;
    if (together)
        runTogether();
    else
        runOneAfterTheOther();
    if (m_options.measure) summarize();
    m_report.tasks = summarizeTasks(m_tasks, m_chosen[Original], m_chosen[Smaller]);
    m_meter.finish();
    m_report.version = NIBBLE_VERSION;
    m_report.measuredAt = timeNow();
    m_report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(m_report);
}

void Comparison::inspect() {
    m_info[Original] = inspectToRun(m_options.original);
    m_info[Smaller] = inspectToRun(m_options.smaller);
    for (const Side side : kSides) {
        const ModelInfo& info = m_info[side];
        if (m_options.measure && info.contextLength > 0 && m_options.chunkTokens > info.contextLength)
            throw Error(ErrorKind::BadRequest,
                        nibble::format("The pieces of text are longer than the model's context of %d tokens.",
                                       info.contextLength),
                        nibble::format("chunkTokens %d", m_options.chunkTokens), "Choose shorter pieces.");
        ModelFigures& figures = *m_figures[side];
        figures.name = info.name;
        figures.formatName = info.formatName;
        figures.fileBytes = info.fileBytes;
        figures.bitsPerWeight = info.bitsPerWeight;
    }
    if (m_options.tasks) m_tasks = officeTasks();
    if (!m_options.measure) return;
    if (m_info[Original].vocab != m_info[Smaller].vocab)
        throw differentVocabulary(nibble::format("%d and %d tokens", m_info[Original].vocab, m_info[Smaller].vocab));
    m_report.textName = m_options.text.empty() ? "Nibble's sample text" : m_options.text.filename().string();
    m_text = m_options.text.empty() ? std::string(sampleText()) : readTextFile(m_options.text, kMaxTextBytes);
    Sha256 hash;
    hash.add(m_text);
    m_report.textHash = hash.hex();
}

/// Tokens of context that every part of the comparison gets along with.
int32_t Comparison::contextNeeded() const {
    int64_t needed = 64;
    if (m_options.measure) needed = std::max<int64_t>(needed, m_options.chunkTokens);
    if (m_options.measure) needed = std::max<int64_t>(needed, 2 * kContinuedFrom + kContinuedBy);
    if (m_options.speed) needed = std::max<int64_t>(needed, kSpeedPrompt);
    needed = std::max(needed, m_asking->contextNeeded());
    for (const Task& task : m_tasks) // a prompt has at most one token a byte
        needed = std::max(needed, int64_t(task.prompt().size()) + 64);
    return contextWithin(m_info, needed);
}

/// The original's logits of a chunk, and a block of the smaller one's.
uint64_t Comparison::logitsBytes() const {
    if (!m_options.measure) return 0;
    return uint64_t(rowsPerChunk() + RowBlock::kRows) * uint64_t(m_info[Original].vocab) * sizeof(float);
}

double Comparison::workInAll() const {
    double oneModel = kLoadWork;
    if (m_options.measure) oneModel += double(m_options.chunkTokens) * (m_chunks > 0 ? m_chunks : m_options.chunks);
    if (m_options.measure) oneModel += kContinueWork;
    oneModel += double(m_options.prompts.size()) * m_options.answerTokens * kWriteWork;
    oneModel += double(m_tasks.size()) * kTaskWork;
    if (m_options.speed) oneModel += kSpeedWork;
    return 2 * oneModel;
}

void Comparison::stage(const char* text, Side side) {
    m_stage = std::string(text) + (side == Original ? " the original" : " the smaller one");
    advance(0);
}

void Comparison::advance(double work, const std::string& item) {
    m_done += work;
    m_meter.update(m_done / workInAll(), item);
}

std::unique_ptr<Session> Comparison::load(Side side) {
    stage("Loading", side);
    const double before = m_done;
    std::unique_ptr<Session> session = loadBeside(
        m_info[side], contextNeeded(), m_options.threads,
        [&](const Progress& p) { m_meter.update((before + p.fraction * kLoadWork) / workInAll(), p.item); }, m_stop);
    m_figures[side]->memoryBytes = session->info().memoryBytes;
    advance(kLoadWork);
    if (!m_options.measure) return session;
    if (side == Original)
        readText(*session);
    else
        checkSameTokens(*session, side);
    return session;
}

/// The tokens of the text, as llama-perplexity takes them: the whole text is cut into chunks of chunkTokens, and the
/// first token of each becomes BOS where the model wants one.
void Comparison::readText(const Session& session) {
    const std::size_t wanted = std::size_t(m_options.chunks) * std::size_t(m_options.chunkTokens);
    if (m_text.size() / kBytesPerToken > wanted) { // tokenize the part that will do
        std::size_t end = wanted * kBytesPerToken;
        while (end > 0 && (uint8_t(m_text[end]) & 0xC0) == 0x80) --end; // at a character
        m_tokens = session.tokenize(std::string_view(m_text).substr(0, end), true);
    }
    if (m_tokens.size() < wanted) m_tokens = session.tokenize(m_text, true);
    m_chunks = int32_t(
        std::min<std::size_t>(std::size_t(m_options.chunks), m_tokens.size() / std::size_t(m_options.chunkTokens)));
    if (m_chunks == 0)
        throw Error(ErrorKind::BadRequest, "The text is too short to measure on.",
                    nibble::format("%s: %zu tokens, at least %d are needed", m_report.textName.c_str(), m_tokens.size(),
                                   m_options.chunkTokens),
                    "Use a longer text, or shorter pieces of it.");
    m_tokens.resize(std::size_t(m_chunks) * std::size_t(m_options.chunkTokens));
    if (session.bosToken() >= 0)
        for (int32_t c = 0; c < m_chunks; ++c)
            m_tokens[std::size_t(c) * std::size_t(m_options.chunkTokens)] = session.bosToken();
    m_scores.resize(std::size_t(rowsPerChunk() * m_chunks));
}

void Comparison::checkSameTokens(const Session& session, Side side) const {
    const std::size_t bytes = std::min(m_text.size(), std::size_t(64) << 10);
    std::size_t end = bytes;
    while (end > 0 && end < m_text.size() && (uint8_t(m_text[end]) & 0xC0) == 0x80) --end;
    const std::vector<int32_t> tokens = session.tokenize(std::string_view(m_text).substr(0, end), true);
    for (std::size_t i = 1; i + 8 < std::min(tokens.size(), m_tokens.size()); ++i) {
        const bool chunkStart = i % std::size_t(m_options.chunkTokens) == 0; // may have become BOS
        if (!chunkStart && tokens[i] != m_tokens[i])
            throw differentVocabulary(
                nibble::format("%s reads token %zu of the text differently", m_info[side].path.filename().c_str(), i));
    }
}

void Comparison::readChunk(Session& session, Side side, int32_t c, const RowFn& row) {
    stage("Measuring", side);
    const int32_t n = m_options.chunkTokens, first = n / 2;
    const std::span<const int32_t> tokens(m_tokens.data() + std::size_t(c) * std::size_t(n), std::size_t(n));
    const double before = m_done;
    const std::string item = nibble::format("piece %d of %d", c + 1, m_chunks);
    RowBlock block(m_pool, std::size_t(session.info().vocabSize), [&](int64_t r, std::span<const float> logits) {
        row(c * rowsPerChunk() + r, logits, tokens[std::size_t(first + r + 1)]);
    });
    // The last token has no successor to be scored on.
    session.evaluate(
        tokens.first(std::size_t(n - 1)), first,
        [&](int32_t position, std::span<const float> logits) {
            block.add(position - first, logits);
            m_meter.update((before + position) / workInAll(), item);
        },
        m_stop);
    block.flush();
    advance(n, item);
}

void Comparison::storeChunk(Session& session, int32_t c) {
    readChunk(session, Original, c, [&](int64_t row, std::span<const float> logits, int32_t target) {
        m_reference->store(row, logits, target);
    });
}

void Comparison::scoreChunk(Session& session, int32_t c) {
    readChunk(session, Smaller, c, [&](int64_t row, std::span<const float> logits, int32_t target) {
        m_scores[std::size_t(row)] = m_reference->score(row, logits, target);
    });
}

void Comparison::gather(const Session& session) {
    const MeasuredText text{m_tokens, m_options.chunkTokens,
                            [&](std::span<const int32_t> tokens) { return session.detokenize(tokens); }};
    gatherEvidence(m_scores, text, m_report);
}

void Comparison::goOn(Session& session, Side side) {
    stage("Writing with", side);
    GenerateOptions options;
    options.sampling = Sampling{};
    options.sampling.temperature = 0;
    options.sampling.repeatPenalty = 1;
    options.maxTokens = std::min(kContinuedBy, session.info().contextLength - 2 * kContinuedFrom);
    options.ignoreEndOfTurn = true;
    if (options.maxTokens < 1) return;         // a context so short that nothing could be said
    for (int32_t i = 0; i < kContinued; ++i) { // from two places of the text
        const std::size_t from = std::size_t(i) * (m_tokens.size() / kContinued);
        const std::size_t n = std::min<std::size_t>(kContinuedFrom, m_tokens.size() - from);
        const std::string text = session.detokenize(std::span(m_tokens).subspan(from, n));
        m_loops[side] += endsInACircle(session.complete(text, options, {}, m_stop).tokens);
        throwIfStopped(m_stop);
        advance(kContinueWork / kContinued);
    }
}

void Comparison::answer(Session& session, Side side, std::size_t prompt) {
    stage("Asking", side);
    const double before = m_done, work = m_options.answerTokens * kWriteWork;
    const std::string& asked = m_options.prompts[prompt];
    double progress = 0;
    const auto onText = [&] {
        progress = std::min(progress + kWriteWork, work); // about a token
        m_meter.update((before + progress) / workInAll(), asked);
    };
    m_asking->answer(session, side, prompt, onText, m_stop);
    advance(work, asked);
    if (side == Smaller) m_report.answers.push_back(m_asking->pair(Smaller, prompt)); // it always answers last
}

void Comparison::solveTasks(Session& session, Side side) {
    if (m_tasks.empty()) return;
    stage("Tasks:", side);
    for (const Task& task : m_tasks) {
        m_chosen[side].push_back(chooseAnswer(session, task, m_stop));
        advance(kTaskWork, task.group);
    }
}

void Comparison::measureSpeed(Session& session, Side side) {
    stage("Timing", side);
    const int32_t context = session.info().contextLength;
    const Session::Speed speed =
        session.measureSpeed(std::min(kSpeedPrompt, context), std::min(kSpeedAnswer, context), kSpeedRepeats, m_stop);
    m_figures[side]->prefillSpeed = speed.prefill;
    m_figures[side]->decodeSpeed = speed.decode;
    advance(kSpeedWork);
}

void Comparison::runTogether() {
    const std::unique_ptr<Session> sessions[] = {load(Original), load(Smaller)};
    if (m_options.measure) {
        m_reference = makeExactReference(rowsPerChunk(), sessions[Original]->info().vocabSize);
        for (int32_t c = 0; c < m_chunks; ++c) {
            storeChunk(*sessions[Original], c);
            scoreChunk(*sessions[Smaller], c);
        }
        m_reference.reset();
        gather(*sessions[Smaller]);
        for (const Side side : kSides) goOn(*sessions[side], side);
    }
    for (std::size_t prompt = 0; prompt < m_options.prompts.size(); ++prompt)
        for (const Side side : kSides) answer(*sessions[side], side, prompt);
    for (const Side side : kSides) solveTasks(*sessions[side], side);
    if (m_options.speed)
        for (const Side side : kSides) measureSpeed(*sessions[side], side);
}

void Comparison::runOneAfterTheOther() {
    for (const Side side : kSides) {
        const std::unique_ptr<Session> session = load(side);
        if (m_options.measure && side == Original) m_reference = makeStoredReference();
        for (int32_t c = 0; c < m_chunks; ++c) side == Original ? storeChunk(*session, c) : scoreChunk(*session, c);
        if (m_options.measure && side == Smaller) gather(*session);
        if (m_options.measure) goOn(*session, side);
        for (std::size_t prompt = 0; prompt < m_options.prompts.size(); ++prompt) answer(*session, side, prompt);
        solveTasks(*session, side);
        if (m_options.speed) measureSpeed(*session, side);
    }
}

void Comparison::summarize() {
    summarizeScores(m_scores, m_report);
    if (!std::isfinite(m_report.original.perplexity.value))
        throw Error(ErrorKind::BadFile, "The original computes values that are not numbers: it is damaged.",
                    m_info[Original].path.string(), "Download the original again.");
    CollapseSigns signs;
    signs.notNumbers = !std::isfinite(m_report.meanDivergence.value);
    signs.logPerplexityRatio = m_report.logPerplexityRatio.value;
    signs.continued = kContinued;
    signs.originalLoops = m_loops[Original];
    signs.smallerLoops = m_loops[Smaller];
    m_report.warning = collapseOf(signs);
    if (m_report.warning.empty()) return;
    m_report.verdict = "broken";
    m_report.sentence = m_report.warning;
    if (!signs.notNumbers) return;
    m_report.drift = 100; // and no other figure has a meaning
    m_report.meanDivergence = m_report.smaller.perplexity = {};
    m_report.stretches.clear();
    m_report.worstMoments.clear();
}

CompareReport compareInOrder(const CompareOptions& options, MemoryOrder order, const ProgressFn& progress,
                             std::stop_token stop) {
    return Comparison(options, progress, std::move(stop)).run(order);
}

CompareReport compareModels(const CompareOptions& options, const ProgressFn& progress, std::stop_token stop) {
    return compareInOrder(options, MemoryOrder::Automatic, progress, std::move(stop));
}

} // namespace nibble
