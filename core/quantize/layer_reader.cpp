#include <quantize/layer_reader.h>

#include <base/text.h>

namespace nibble {

LayerReader::LayerReader(ObservedBackend& backend, const ModelSource& source, const CalibrationOptions& options,
                         std::stop_token stop)
    : m_backend(backend), m_source(source), m_stop(std::move(stop)), m_text(calibrationPieces(source, options)),
      m_hidden(m_text.pieces.size()) {
    m_backend.setStop(m_stop);
    m_model = placeModel(m_backend, source, kPieceTokens, KvFormat::F16, kPieceTokens, 1, {}, m_stop);
}

int64_t LayerReader::tokens() const {
    int64_t tokens = 0;
    for (const std::vector<int32_t>& piece : m_text.pieces) tokens += int64_t(piece.size());
    return tokens;
}

void LayerReader::read(int32_t first, int32_t end, bool goOn, const ProgressFn& progress) {
    if (m_at > first) m_at = 0; // the text begins again
    ProgressMeter meter(progress, m_stop, "Learning what matters", double(end - m_at) * double(m_text.pieces.size()));
    double done = 0;
    while (m_at < first) pass(nextCut(plan(), m_at), true, meter, done);
    if (m_at < end) pass(end, goOn, meter, done);
    m_source.check();
}

void LayerReader::pass(int32_t end, bool goOn, ProgressMeter& meter, double& done) {
    for (std::size_t p = 0; p < m_hidden.size(); ++p) {
        const std::vector<int32_t>& piece = m_text.pieces[p];
        const auto n = int32_t(piece.size());
        const View hidden{m_model.x, 0, n};
        if (m_at > 0) m_backend.write(hidden, m_hidden[p]);
        forwardLayers(m_backend, m_model, piece, m_at, end);
        if (goOn) {
            const std::span<const float> behind = m_backend.read(hidden);
            m_hidden[p].assign(behind.begin(), behind.end());
        }
        meter.update(done += end - m_at, format("layer %d of %zu", end, plan().layers.size()));
    }
    if (goOn) m_at = end;
}

uint64_t layerReaderMemory(const ModelSource& source, const CalibrationOptions& options, int32_t threads) {
    const auto dry = makeDryBackend(bestCpuLevel(), threads);
    const ModelOnBackend model = placeModel(*dry, source, kPieceTokens, KvFormat::F16, kPieceTokens, 1);
    const MemoryUse use = dry->memory();
    const auto tokens = uint64_t(options.tokens) + uint64_t(options.tokens) / kPieceTokens + 1; // each piece begins
    return use.total() - use.mappedWeights + tokens * uint64_t(model.plan.embedding) * sizeof(float);
}

} // namespace nibble
