// Rows of logits on their way from a session, which gives them one by one, to all threads.
#pragma once

#include <base/thread_pool.h>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace nibble {

/// Collects rows of logits and hands them out to all threads, kRows at a time.
class RowBlock {
public:
    static constexpr int32_t kRows = 32;
    using Fn = std::function<void(int64_t row, std::span<const float> logits)>;
    RowBlock(ThreadPool& pool, std::size_t cols, Fn fn) : m_pool(pool), m_cols(cols), m_fn(std::move(fn)) {
        m_values.reserve(kRows * cols);
    }
    void add(int64_t row, std::span<const float> logits) {
        m_rows.push_back(row);
        m_values.insert(m_values.end(), logits.begin(), logits.end());
        if (m_rows.size() == kRows) flush();
    }
    void flush() {
        m_pool.forEach(int64_t(m_rows.size()), 1, [&](int64_t begin, int64_t end, int) {
            for (auto i = std::size_t(begin); i < std::size_t(end); ++i)
                m_fn(m_rows[i], {m_values.data() + i * m_cols, m_cols});
        });
        m_rows.clear();
        m_values.clear();
    }

private:
    ThreadPool& m_pool;
    std::size_t m_cols;
    Fn m_fn;
    std::vector<int64_t> m_rows;
    std::vector<float> m_values;
};

} // namespace nibble
