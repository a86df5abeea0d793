// The hash of a model's weights is that of a list: for each tensor in file order its name, format, shape and the hash
// of its rows. So tensors can be read side by side, and other metadata may change. A Hugging Face folder is hashed
// under the names and in the order that Nibble shows it in, with the formats it has.
#include <base/checked.h>
#include <base/progress.h>
#include <base/sha256.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <files/gguf.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/passport.h>
#include <vector>

namespace nibble {

namespace {

#define KEY(name) "nibble.passport." name

constexpr uint64_t kPiece = 16u << 20; // bytes between two looks at the stop token

class WeightsHash {
public:
    WeightsHash(const ModelSource& source, ProgressMeter& meter, double before, std::stop_token stop)
        : m_source(source), m_meter(meter), m_done(before), m_stop(std::move(stop)) {}

    std::string hex() {
        const auto tensors = m_source.tensors();
        std::vector<std::string> hashes(tensors.size());
        ThreadPool pool;
        // As many tensors at a time as there are threads: progress is told on the calling thread only.
        for (std::size_t first = 0; first < tensors.size(); first += std::size_t(pool.size())) {
            const std::size_t n = std::min(std::size_t(pool.size()), tensors.size() - first);
            pool.forEach(int64_t(n), 1, [&](int64_t begin, int64_t end, int) {
                for (auto i = first + std::size_t(begin); i < first + std::size_t(end); ++i)
                    hashes[i] = hashOfRows(tensors[i]);
            });
            throwIfStopped(m_stop);
            for (std::size_t i = first; i < first + n; ++i) m_done += double(tensors[i].bytes());
            m_meter.update(m_done);
        }
        Sha256 all;
        for (std::size_t i = 0; i < tensors.size(); ++i)
            all.add(nibble::format("%s\n%s\n%lld %lld %zu\n%s\n", tensors[i].name.c_str(),
                                   nibble::format(tensors[i].format).name, (long long)tensors[i].cols,
                                   (long long)tensors[i].rows, tensors[i].planes.size(), hashes[i].c_str()));
        m_source.check();
        return all.hex();
    }

private:
    std::string hashOfRows(const WeightRows& tensor) const {
        Sha256 hash;
        const uint64_t bytes = tensor.rowBytes();
        uint64_t since = 0;
        for (int plane = 0; plane < int(tensor.planes.size()); ++plane) {
            RowCursor cursor(tensor, tensor.rows, plane);
            for (int64_t row = 0; row < tensor.rows; ++row) {
                hash.add(std::span(cursor.row(row), bytes));
                if ((since += bytes) < kPiece) continue;
                since = 0;
                if (m_stop.stop_requested()) return {};
            }
        }
        return hash.hex();
    }

    const ModelSource& m_source;
    ProgressMeter& m_meter;
    double m_done;
    std::stop_token m_stop;
};

double bytesOf(const ModelSource& source) {
    double sum = 0;
    for (const WeightRows& tensor : source.tensors()) sum += double(tensor.bytes());
    return sum;
}

Error notOneFile(const std::filesystem::path& path, const std::string& why) {
    return Error(ErrorKind::Unsupported, "A passport can only be written into a model that is one GGUF file.",
                 path.string() + ": " + why, "Write the model as one .gguf file first (nibble-cli quantize).");
}

std::optional<Passport> passportOf(const GgufMetadata& metadata) {
    if (!metadata.find(KEY("weights_sha256"))) return std::nullopt;
    const auto share = [&](const char* key) {
        const double value = metadata.requireNumber(key);
        if (!(value >= 0 && value <= 1))
            throw Error(ErrorKind::BadFile, "The quality passport in the file is damaged.",
                        metadata.origin + ": " + key + nibble::format(" is %g", value));
        return value;
    };
    const auto text = [&](const char* key) { return printable(metadata.requireString(key)); };
    Passport p;
    p.weightsHash = text(KEY("weights_sha256"));
    p.sourceHash = text(KEY("source_sha256"));
    p.text = text(KEY("text"));
    p.textHash = text(KEY("text_sha256"));
    p.tokens = int32_t(metadata.requireInteger(KEY("tokens"), 0, INT32_MAX));
    p.wordAgreement = share(KEY("word_agreement"));
    p.agreementLow = share(KEY("word_agreement_low"));
    p.agreementHigh = share(KEY("word_agreement_high"));
    p.meanDivergence = metadata.requireNumber(KEY("mean_divergence"));
    p.logPerplexityRatio = metadata.requireNumber(KEY("log_perplexity_ratio"));
    p.drift = int32_t(metadata.requireInteger(KEY("drift"), 0, 100));
    p.verdict = text(KEY("verdict"));
    p.version = text(KEY("version"));
    p.measuredAt = text(KEY("measured_at"));
    return p;
}

void setPassport(const Passport& p, GgufMetadata& metadata) {
    metadata.set(KEY("weights_sha256"), p.weightsHash);
    metadata.set(KEY("source_sha256"), p.sourceHash);
    metadata.set(KEY("text"), p.text);
    metadata.set(KEY("text_sha256"), p.textHash);
    metadata.set(KEY("tokens"), p.tokens);
    metadata.set(KEY("word_agreement"), p.wordAgreement);
    metadata.set(KEY("word_agreement_low"), p.agreementLow);
    metadata.set(KEY("word_agreement_high"), p.agreementHigh);
    metadata.set(KEY("mean_divergence"), p.meanDivergence);
    metadata.set(KEY("log_perplexity_ratio"), p.logPerplexityRatio);
    metadata.set(KEY("drift"), p.drift);
    metadata.set(KEY("verdict"), p.verdict);
    metadata.set(KEY("version"), p.version);
    metadata.set(KEY("measured_at"), p.measuredAt);
}
#undef KEY

/// The file with other metadata, tensor by tensor as it was.
void rewrite(const GgufFile& file, const GgufMetadata& metadata, ProgressMeter& meter, double before) {
    std::vector<GgufWriter::Declaration> tensors;
    for (const GgufTensor& tensor : file.tensors()) {
        if (!tensor.data) throw notOneFile(file.path(), tensor.name + " is of a format that Nibble does not know");
        tensors.push_back({tensor.name, FormatId(tensor.type), tensor.shape});
    }
    GgufWriter writer(file.path(), metadata, std::move(tensors));
    double done = before;
    for (const GgufTensor& tensor : file.tensors()) {
        for (uint64_t at = 0; at < tensor.bytes; at += kPiece) {
            const uint64_t n = std::min(kPiece, tensor.bytes - at);
            writer.write({tensor.data + at, n});
            meter.update(done += double(n));
        }
    }
    file.check();
    meter.finish();
    writer.commit();
}

void checkReport(const CompareReport& report, const std::filesystem::path& model) {
    if (report.tokensScored == 0 || report.textHash.empty())
        throw Error(ErrorKind::BadRequest, "Nothing was measured that a passport could tell.", model.string());
    if (report.smaller.fileBytes != std::filesystem::file_size(model))
        throw Error(ErrorKind::BadRequest, "This report is not of this model.", model.string(),
                    "Compare the two models again.");
}

} // namespace

std::optional<Passport> readPassport(const std::filesystem::path& model) {
    return passportOf(openModel(model)->metadata());
}

bool passportHolds(const std::filesystem::path& model, const ProgressFn& progress, std::stop_token stop) {
    const auto source = openModel(model);
    const auto passport = passportOf(source->metadata());
    if (!passport) throw Error(ErrorKind::BadRequest, "This file has no quality passport.", model.string());
    ProgressMeter meter(progress, stop, "Checking the weights", bytesOf(*source));
    const std::string found = WeightsHash(*source, meter, 0, stop).hex();
    meter.finish();
    return found == passport->weightsHash;
}

Passport writePassport(const std::filesystem::path& model, const std::filesystem::path& original,
                       const CompareReport& report, const ProgressFn& progress, std::stop_token stop) {
    const auto smaller = openModel(model), source = openModel(original);
    if (smaller->isHuggingFace()) throw notOneFile(model, "it is a folder");
    const GgufFile file(model);
    if (file.fileBytes() != std::filesystem::file_size(model)) throw notOneFile(model, "it lies in several files");
    checkReport(report, model);
    const double ofModel = bytesOf(*smaller), ofSource = bytesOf(*source);
    ProgressMeter meter(progress, stop, "Writing the passport", 2 * ofModel + ofSource);

    Passport p;
    p.weightsHash = WeightsHash(*smaller, meter, 0, stop).hex();
    p.sourceHash = WeightsHash(*source, meter, ofModel, stop).hex();
    p.text = report.textName;
    p.textHash = report.textHash;
    p.tokens = report.tokensScored;
    p.wordAgreement = report.wordAgreement.value;
    p.agreementLow = report.agreementLow;
    p.agreementHigh = report.agreementHigh;
    p.meanDivergence = report.meanDivergence.value;
    p.logPerplexityRatio = report.logPerplexityRatio.value;
    p.drift = report.drift;
    p.verdict = report.verdict;
    p.version = report.version;
    p.measuredAt = report.measuredAt;
    GgufMetadata metadata = file.metadata();
    setPassport(p, metadata);
    rewrite(file, metadata, meter, ofModel + ofSource);
    return p;
}

} // namespace nibble
