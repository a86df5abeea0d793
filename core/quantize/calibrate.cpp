#include <quantize/calibrate.h>

#include <algorithm>
#include <base/sha256.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <nibble/error.h>
#include <quantize/layer_reader.h>

namespace nibble {

namespace {

constexpr uint64_t kLongestText = 64 << 20;

ImportanceMatrix collected(const ObservedBackend& backend) {
    ImportanceMatrix matrix;
    for (const ObservedBackend::Inputs& seen : backend.inputs()) {
        if (seen.count == 0) continue;
        ImportanceMatrix::Inputs& in = matrix.tensors[seen.name]; // parts of one tensor have the same inputs
        in.counts = {float(seen.count)};
        in.sumOfSquares.assign(seen.sumOfSquares.begin(), seen.sumOfSquares.end());
    }
    return matrix;
}

} // namespace

std::vector<std::vector<int32_t>> piecesOf(const ModelSource& source, const std::string& text, int64_t most) {
    const auto tokenizer = tokenizerOf(source);
    const int32_t usableVocab = planOf(source).vocabSize;
    const std::vector<int32_t> tokens = tokenizer->encode(text, true);
    const std::size_t end = std::min(tokens.size(), std::size_t(most));
    const bool begins = tokenizer->addBos() && tokenizer->bos() >= 0;
    std::vector<std::vector<int32_t>> chunks;
    for (std::size_t at = 0; at < end;) {
        std::vector<int32_t>& chunk = chunks.emplace_back();
        if (begins) chunk.push_back(tokenizer->bos());
        for (; at < end && chunk.size() < std::size_t(kPieceTokens); ++at)
            if (tokens[at] < usableVocab) chunk.push_back(tokens[at]);
    }
    if (end < 256)
        throw Error(ErrorKind::BadRequest, "The sample text is too short to learn from.", format("%zu tokens", end),
                    "Give a text of at least a few pages, or none: Nibble has one of its own.");
    return chunks;
}

ImportanceMatrix measureImportance(const ModelSource& source, const CalibrationOptions& options, int32_t threads,
                                   const ProgressFn& progress, std::stop_token stop) {
    ThreadPool pool(threads);
    ObservedBackend backend(makeCpuBackend(pool), pool);
    LayerReader reader(backend, source, options, stop);
    const auto layers = int32_t(reader.plan().layers.size());
    reader.read(layers, layers, true, progress);
    ImportanceMatrix matrix = collected(backend);
    matrix.dataset = reader.text().name;
    matrix.datasetHash = reader.text().hash;
    matrix.chunks = int32_t(reader.text().pieces.size());
    matrix.chunkTokens = kPieceTokens;
    matrix.tokens = reader.tokens();
    return matrix;
}

std::string CalibrationText::hash() const {
    Sha256 hash;
    hash.add(text);
    return hash.hex();
}

CalibrationText calibrationTextOf(const CalibrationOptions& options) {
    if (options.text.empty()) return {"Nibble's sample text", std::string(calibrationText())};
    return {options.text.filename().string(), readTextFile(options.text, kLongestText)};
}

CalibrationPieces calibrationPieces(const ModelSource& source, const CalibrationOptions& options) {
    const CalibrationText text = calibrationTextOf(options);
    return {text.name, text.hash(), piecesOf(source, text.text, options.tokens)};
}

} // namespace nibble
