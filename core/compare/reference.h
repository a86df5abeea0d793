// What the original predicted, kept until the smaller model has read the same tokens.
#pragma once

#include <compare/divergence.h>
#include <cstdint>
#include <memory>
#include <span>

namespace nibble {

/// Both functions may be called for different rows at the same time.
class Reference {
public:
    virtual ~Reference() = default;
    virtual void store(int64_t row, std::span<const float> logits, int32_t target) = 0;
    /// Scores the smaller model's logits against what was stored for this row.
    virtual RowScore score(int64_t row, std::span<const float> logits, int32_t target) const = 0;
};

/// Keeps all logits of one chunk of `rows` in memory: exact. Row r lies where row r - rows lay.
std::unique_ptr<Reference> makeExactReference(int64_t rows, int32_t vocabSize);

/// Keeps the summary of every row in a temporary file (about 2 KB a row) that has no name, so that nothing stays behind
/// however the program ends. It lies in $TMPDIR or /var/tmp. Throws Error{NoSpace, Io}.
std::unique_ptr<Reference> makeStoredReference();

} // namespace nibble
