// Finds a model's tensors and hands them to a backend. Private to core/models.
#pragma once

#include <compute/backend.h>
#include <models/model_source.h>
#include <nibble/progress.h>
#include <set>
#include <span>

namespace nibble {

/// Collects everything that is wrong with a model's tensors before any of them is loaded.
class Binder {
public:
    explicit Binder(const ModelSource& source) : m_source(source) {}

    /// `target` becomes the tensor's id once all are found to be sound.
    void matrix(WeightId& target, const std::string& name, int64_t rows, int64_t cols,
                WeightUse use = WeightUse::Matmul) {
        bind(target, name, rows, cols, use, true);
    }
    void vector(WeightId& target, const std::string& name, int64_t n) {
        bind(target, name, 1, n, WeightUse::Vector, true);
    }
    /// A norm of a layer; `name` null where the architecture has none there.
    void norm(WeightId& target, const std::string& layer, const char* name, int64_t n) {
        if (name) vector(target, layer + name + ".weight", n);
    }
    /// Matrices of the same input that some files hold as one: part after part.
    struct Part {
        WeightId* target;
        const char* name;
        int64_t rows;
    };
    void parts(const std::string& layer, std::span<const Part> parts, const char* fused, int64_t cols,
               int64_t planes = 1);
    /// A matrix for each of `planes` experts.
    void experts(WeightId& target, const std::string& name, int64_t rows, int64_t cols, int64_t planes) {
        bind(target, name, rows, cols, WeightUse::Matmul, true, planes);
    }
    /// Absent is fine: then `target` stays none.
    void optionalVector(WeightId& target, const std::string& name, int64_t n) {
        bind(target, name, 1, n, WeightUse::Vector, false);
    }

    void vectors(WeightId& target, const std::string& name, int64_t count, int64_t n) {
        bind(target, name, count, n, WeightUse::Vector, true);
    }
    /// Two matrices of `rows` rows that share one tensor, `group` rows of each in turn.
    void interleaved(WeightId& first, WeightId& second, const std::string& name, int64_t rows, int64_t cols,
                     int64_t group);

    void optionalVectors(WeightId& target, const std::string& name, int64_t count, int64_t n) {
        bind(target, name, count, n, WeightUse::Vector, false);
    }

    /// A tensor of one number, at once; absent is fine.
    void optionalNumber(float& target, const std::string& name) {
        if (const WeightRows* tensor = sound(name, 1, 1, WeightUse::Vector, false)) tensor->decodeRow(0, &target);
    }
    /// Some files hold this tensor although no result depends on it.
    void unused(const std::string& name) {
        if (const WeightRows* tensor = m_source.find(name)) m_known.insert(tensor->name);
    }

    /// What is bound from here on belongs to this part of the model (Backend::enterPart).
    void enterPart(int32_t part) { m_part = part; }

    void refuseUnknownTensors(std::size_t layers) const;
    void throwFaults() const;
    void load(Backend& backend, const ProgressFn& progress, std::stop_token stop) const;

private:
    struct Binding {
        WeightId* target;
        WeightRows rows;
        WeightUse use;
        int32_t part;
    };

    void bind(WeightId& target, const std::string& name, int64_t rows, int64_t cols, WeightUse use, bool required,
              int64_t planes = 1);
    /// The tensor, if it is sound.
    const WeightRows* sound(const std::string& name, int64_t rows, int64_t cols, WeightUse use, bool required,
                            int64_t planes = 1);

    const ModelSource& m_source;
    int32_t m_part = 0;
    std::vector<Binding> m_bindings;
    std::set<std::string_view> m_known;
    std::vector<std::string> m_faults;
};

} // namespace nibble
