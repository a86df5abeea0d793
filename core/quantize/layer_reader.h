// A model that reads a text layer by layer: all of the text passes some layers, and its hidden states are kept until
// the next ones are asked for. So each layer of a model that is larger than memory comes from the disk once, and what
// is noted of a layer's inputs can be used up before the next layer's come. Private to core/quantize.
#pragma once

#include <base/progress.h>
#include <models/forward.h>
#include <nibble/progress.h>
#include <quantize/calibrate.h>
#include <quantize/observed_backend.h>

namespace nibble {

class LayerReader {
public:
    /// Places the model on the backend, which keeps what is observed; both must outlive it. Throws Error{Unsupported}
    /// for a model that Nibble cannot run, and as calibrationPieces().
    LayerReader(ObservedBackend& backend, const ModelSource& source, const CalibrationOptions& options,
                std::stop_token stop);

    const CalibrationPieces& text() const { return m_text; }
    int64_t tokens() const;
    const ModelPlan& plan() const { return m_model.plan; }

    /// All of the text through the layers up to `first`, as far as it has not passed them yet, and through layers
    /// [first, end). `first` is where the plan can be cut, and so is `end` with `goOn`: then the text's states behind
    /// it are kept, otherwise those in front of `first`. Throws Error{Canceled}.
    void read(int32_t first, int32_t end, bool goOn, const ProgressFn& progress);

private:
    void pass(int32_t end, bool goOn, ProgressMeter& meter, double& done);

    ObservedBackend& m_backend;
    const ModelSource& m_source;
    std::stop_token m_stop;
    CalibrationPieces m_text;
    ModelOnBackend m_model;
    int32_t m_at = 0;
    std::vector<std::vector<float>> m_hidden; // of each piece (tokens, embedding), in front of layer m_at, from 1 on
};

/// Bytes that it allocates, beside the mapped file.
uint64_t layerReaderMemory(const ModelSource& source, const CalibrationOptions& options, int32_t threads);

} // namespace nibble
