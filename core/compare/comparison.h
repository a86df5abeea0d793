// One comparison on its way, step by step.
#pragma once

#include <base/progress.h>
#include <base/thread_pool.h>
#include <compare/asking.h>
#include <compare/beside.h>
#include <compare/reference.h>
#include <compare/tasks.h>
#include <functional>
#include <memory>
#include <nibble/compare.h>
#include <nibble/inspect.h>
#include <optional>

namespace nibble {

/// compareModels() with the order chosen by hand: the tests compare the two. Together is exact, one after the other
/// works with stored summaries.
CompareReport compareInOrder(const CompareOptions& options, MemoryOrder order, const ProgressFn& progress = {},
                             std::stop_token stop = {});

class Comparison {
public:
    Comparison(const CompareOptions& options, const ProgressFn& progress, std::stop_token stop);
    Comparison(const Comparison&) = delete;
    CompareReport run(MemoryOrder order);

private:
    enum Side { Original, Smaller };
    static constexpr Side kSides[] = {Original, Smaller};
    using RowFn = std::function<void(int64_t row, std::span<const float> logits, int32_t target)>;

    // Before anything is loaded.
    void inspect();
    int32_t contextNeeded() const;
    uint64_t logitsBytes() const;
    double workInAll() const;

    void runTogether();
    void runOneAfterTheOther();

    std::unique_ptr<Session> load(Side side);
    void readText(const Session& session);
    void checkSameTokens(const Session& session, Side side) const;
    /// Runs chunk c and calls `row` for each scored position, several rows at a time on the pool.
    void readChunk(Session& session, Side side, int32_t c, const RowFn& row);
    void storeChunk(Session& session, int32_t c);
    void scoreChunk(Session& session, int32_t c);
    /// What can be shown of the scores, in the words of the session's vocabulary.
    void gather(const Session& session);
    /// Lets the model go on with a few texts, to see whether it goes round in circles.
    void goOn(Session& session, Side side);
    void answer(Session& session, Side side, std::size_t prompt);
    void solveTasks(Session& session, Side side);
    void measureSpeed(Session& session, Side side);
    void summarize();

    int64_t rowsPerChunk() const { return m_options.chunkTokens - 1 - m_options.chunkTokens / 2; }
    void stage(const char* text, Side side);
    void advance(double work, const std::string& item = {});

    CompareOptions m_options;
    std::stop_token m_stop;
    std::string m_stage;
    ModelInfo m_info[2];
    ModelFigures* m_figures[2];
    CompareReport m_report;

    std::string m_text;
    std::vector<int32_t> m_tokens; // of the whole text as far as it is used, chunk after chunk
    int32_t m_chunks = 0;          // that the text has, at most as asked for
    std::unique_ptr<Reference> m_reference;
    std::vector<RowScore> m_scores; // all rows, chunk after chunk
    std::optional<Asking> m_asking;
    int32_t m_loops[2] = {}; // texts that each went on with in a circle
    std::vector<Task> m_tasks;
    std::vector<int32_t> m_chosen[2]; // answers, task by task
    ThreadPool m_pool;
    double m_done = 0; // work so far, in tokens read
    ProgressMeter m_meter;
};

} // namespace nibble
