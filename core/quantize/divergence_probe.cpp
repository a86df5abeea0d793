#include <quantize/divergence_probe.h>

#include <algorithm>
#include <base/clock.h>
#include <compare/row_block.h>
#include <compare/statistics.h>
#include <models/forward.h>
#include <nibble/error.h>
#include <quantize/calibrate.h>
#include <quantize/rounded_source.h>

namespace nibble {

namespace {

constexpr std::size_t kPieces = 4;       // of the text
constexpr std::size_t kTokens = 256;     // of each
constexpr std::size_t kFirstScored = 32; // a piece's first tokens are guesses whatever the model
constexpr int32_t kLogitRows = 32;       // at a time

/// From all over the text, since it is of many kinds.
std::vector<std::vector<int32_t>> someOf(std::vector<std::vector<int32_t>> all) {
    std::vector<std::vector<int32_t>> some;
    const std::size_t n = std::min(kPieces, all.size());
    for (std::size_t i = 0; i < n; ++i) {
        some.push_back(std::move(all[(2 * i + 1) * all.size() / (2 * n)]));
        some.back().resize(std::min(some.back().size(), kTokens));
    }
    return some;
}

} // namespace

DivergenceProbe::DivergenceProbe(const ModelSource& source, const ImportanceMatrix* importance,
                                 const CalibrationOptions& text, ThreadPool& pool, std::stop_token stop)
    : DivergenceProbe(source, importance, someOf(calibrationPieces(source, text).pieces), kFirstScored, pool,
                      std::move(stop)) {}

DivergenceProbe::DivergenceProbe(const ModelSource& source, const ImportanceMatrix* importance,
                                 std::vector<std::vector<int32_t>> pieces, std::size_t firstScored, ThreadPool& pool,
                                 std::stop_token stop)
    : m_source(source), m_importance(importance), m_pool(pool), m_stop(std::move(stop)), m_pieces(std::move(pieces)),
      m_firstScored(firstScored) {
    std::size_t rows = 0, tokens = 0;
    for (const std::vector<int32_t>& piece : m_pieces) {
        tokens += piece.size();
        rows += piece.size() - std::size_t(this->firstScored(piece));
    }
    m_reference.resize(rows);
    const double seconds = read(source, [&](int64_t row, std::span<const float> logits) {
        m_reference[std::size_t(row)] = summarizeRow(logits, 0);
        if (m_reference[std::size_t(row)].count == 0)
            throw Error(ErrorKind::BadFile, "This model predicts values that are not numbers.",
                        m_source.path().string(), "Download the model again.");
    });
    m_secondsPerToken = seconds / double(std::max<std::size_t>(tokens, 1));
}

int32_t DivergenceProbe::firstScored(const std::vector<int32_t>& piece) const {
    return int32_t(std::min(m_firstScored, piece.size() / 2));
}

double DivergenceProbe::read(const ModelSource& model, const RowFn& onRow) const {
    std::size_t longest = 0;
    for (const std::vector<int32_t>& piece : m_pieces) longest = std::max(longest, piece.size());
    const auto backend = makeCpuBackend(m_pool);
    backend->setStop(m_stop);
    const auto length = int32_t(longest);
    const ModelOnBackend placed = placeModel(*backend, model, length, KvFormat::F16, length, kLogitRows, {}, m_stop);
    RowBlock block(m_pool, std::size_t(placed.plan.vocabSize), onRow);
    int64_t row = 0;
    double seconds = 0;
    for (const std::vector<int32_t>& piece : m_pieces) {
        const auto n = int32_t(piece.size()), wanted = n - firstScored(piece);
        const auto start = Clock::now();
        forwardHidden(*backend, placed, piece, 0, wanted);
        seconds += secondsSince(start);
        for (int32_t at = n - wanted; at < n; at += kLogitRows) {
            const int32_t rows = std::min(kLogitRows, n - at);
            logitsOfHidden(*backend, placed, 0, at, rows);
            for (int32_t i = 0; i < rows; ++i) block.add(row++, backend->read({placed.logits, i, 1}));
        }
    }
    block.flush();
    m_source.check();
    return seconds;
}

ProbeResult DivergenceProbe::measure(std::span<const FormatId> formats) const {
    return measure(*roundedSource(m_source, formats, m_importance));
}

ProbeResult DivergenceProbe::measure(const ModelSource& model) const {
    std::vector<double> divergences(m_reference.size());
    std::vector<char> same(m_reference.size());
    read(model, [&](int64_t row, std::span<const float> logits) {
        const RowScore score = scoreSummary(m_reference[std::size_t(row)], logits, 0);
        divergences[std::size_t(row)] = score.divergence;
        same[std::size_t(row)] = score.sameTop();
    });
    const Measured mean = meanOf(divergences);
    return {mean.value, mean.error, double(std::ranges::count(same, char(1))) / double(same.size()),
            int64_t(same.size())};
}

uint64_t DivergenceProbe::memory(const ModelSource& source, std::span<const FormatId> formats, int32_t threads) {
    const auto dry = makeDryBackend(bestCpuLevel(), threads);
    placeModel(*dry, *roundedSource(source, formats, nullptr), int32_t(kTokens), KvFormat::F16, int32_t(kTokens),
               kLogitRows);
    const MemoryUse use = dry->memory();
    return use.total() - use.mappedWeights + kPieces * kTokens * sizeof(RowSummary);
}

} // namespace nibble
