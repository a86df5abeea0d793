#include <quantize/importance_matrix.h>

#include <base/text.h>
#include <cmath>
#include <cstring>
#include <files/gguf.h>
#include <nibble/error.h>

namespace nibble {

namespace {

constexpr std::string_view kSums = ".in_sum2", kCounts = ".counts";

[[noreturn]] void bad(const std::filesystem::path& path, const std::string& fact) {
    throw Error(ErrorKind::BadFile, "This is not a usable importance matrix.",
                printable(path.string(), 1000) + ": " + fact, "Make a new one: nibble-cli calibrate MODEL.");
}

/// The values of an F32 tensor, all of them finite and none negative.
std::vector<float> valuesOf(const GgufTensor& tensor, const std::filesystem::path& path) {
    const Format* format = findFormat(tensor.type);
    if (!format || format->id != FormatId::F32 || !tensor.data) bad(path, tensor.name + " is not in F32");
    std::vector<float> values(tensor.bytes / sizeof(float));
    std::memcpy(values.data(), tensor.data, values.size() * sizeof(float));
    for (const float value : values)
        if (!std::isfinite(value) || value < 0) bad(path, tensor.name + " holds values that are no sums of squares");
    return values;
}

constexpr const char* kDatasetHash = "nibble.dataset_sha256"; // of ours, which other programs pass over, as are
constexpr const char* kSensitiveTensors = "nibble.sensitivity.tensors";
constexpr const char* kRoundingCosts = "nibble.sensitivity.rounding";
constexpr const char* kInputCosts = "nibble.sensitivity.inputs";

Sensitivities sensitivitiesOf(const GgufMetadata& metadata, const std::filesystem::path& path) {
    Sensitivities sensitivities;
    const auto* names = metadata.strings(kSensitiveTensors);
    if (!names) return sensitivities;
    const auto rounding = metadata.floats(kRoundingCosts), inputs = metadata.floats(kInputCosts);
    if (!rounding || !inputs || rounding->size() != names->size() || inputs->size() != names->size())
        bad(path, std::string(kSensitiveTensors) + " and what they cost do not fit each other");
    for (std::size_t i = 0; i < names->size(); ++i) {
        const double costs[] = {double((*rounding)[i]), double((*inputs)[i])};
        for (const double cost : costs)
            if (!std::isfinite(cost) || cost < 0)
                bad(path, std::string(kRoundingCosts) + " holds values that are no costs");
        sensitivities[(*names)[i]] = {costs[0], costs[1]};
    }
    return sensitivities;
}

void addSensitivities(const Sensitivities& sensitivities, GgufMetadata& metadata) {
    if (sensitivities.empty()) return;
    std::vector<std::string> names;
    std::vector<float> rounding, inputs;
    for (const auto& [name, cost] : sensitivities) {
        names.push_back(name);
        rounding.push_back(float(cost.rounding));
        inputs.push_back(float(cost.inputs));
    }
    metadata.set(kSensitiveTensors, std::move(names));
    metadata.set(kRoundingCosts, std::move(rounding));
    metadata.set(kInputCosts, std::move(inputs));
}

} // namespace

std::vector<float> ImportanceMatrix::of(const WeightRows& tensor) const {
    const auto found = tensors.find(tensor.name);
    const std::size_t planes = tensor.planes.size(), cols = std::size_t(tensor.cols);
    if (found == tensors.end()) return {};
    const Inputs& in = found->second;
    if (in.counts.size() != planes || in.sumOfSquares.size() != planes * cols) return {};

    std::vector<float> importance(planes * cols, 1.f);
    for (std::size_t p = 0; p < planes; ++p) {
        const float* const sums = in.sumOfSquares.data() + p * cols;
        const double count = in.counts[p];
        double total = 0;
        for (std::size_t i = 0; i < cols; ++i) total += sums[i];
        const double mean = count > 0 ? total / (count * double(cols)) : 0; // of a squared input
        if (!(mean > 0) || !std::isfinite(mean)) continue;                  // nothing was seen: all alike
        for (std::size_t i = 0; i < cols; ++i)
            importance[p * cols + i] = float((sums[i] + mean) / ((count + 1) * mean));
    }
    return importance;
}

uint64_t ImportanceMatrix::bytes() const {
    uint64_t values = 0;
    for (const auto& [name, in] : tensors) values += in.sumOfSquares.size() + in.counts.size();
    return values * sizeof(float);
}

ImportanceMatrix readImportanceMatrix(const std::filesystem::path& path) {
    const GgufFile file(path);
    if (file.metadata().string("general.type").value_or("") != "imatrix") bad(path, "general.type is not \"imatrix\"");
    ImportanceMatrix matrix;
    if (const auto* datasets = file.metadata().strings("imatrix.datasets"))
        for (const std::string& name : *datasets) matrix.dataset += (matrix.dataset.empty() ? "" : ", ") + name;
    matrix.datasetHash = printable(file.metadata().string(kDatasetHash).value_or(""), 64);
    matrix.chunks = int32_t(file.metadata().integer("imatrix.chunk_count", 0, INT32_MAX).value_or(0));
    matrix.chunkTokens = int32_t(file.metadata().integer("imatrix.chunk_size", 0, INT32_MAX).value_or(0));
    for (const GgufTensor& tensor : file.tensors()) {
        if (!tensor.name.ends_with(kSums)) continue;
        const std::string name = tensor.name.substr(0, tensor.name.size() - kSums.size());
        const GgufTensor* counts = file.find(name + std::string(kCounts));
        if (!counts) bad(path, name + std::string(kCounts) + " is missing");
        ImportanceMatrix::Inputs& in = matrix.tensors[name];
        in.sumOfSquares = valuesOf(tensor, path);
        in.counts = valuesOf(*counts, path);
        if (in.counts.empty() || in.sumOfSquares.size() != in.counts.size() * std::size_t(tensor.shape[0]))
            bad(path, name + ": sums and counts do not fit each other");
    }
    matrix.sensitivities = sensitivitiesOf(file.metadata(), path);
    if (matrix.tensors.empty()) bad(path, "it holds no tensors called ..." + std::string(kSums));
    file.check();
    return matrix;
}

void writeImportanceMatrix(const ImportanceMatrix& matrix, const std::filesystem::path& path, bool overwrite) {
    GgufMetadata metadata;
    metadata.set("general.type", std::string("imatrix"));
    metadata.set("imatrix.datasets", std::vector<std::string>{matrix.dataset});
    if (!matrix.datasetHash.empty()) metadata.set(kDatasetHash, matrix.datasetHash);
    metadata.set("imatrix.chunk_count", uint32_t(matrix.chunks));
    metadata.set("imatrix.chunk_size", uint32_t(matrix.chunkTokens));
    addSensitivities(matrix.sensitivities, metadata);
    std::vector<GgufWriter::Declaration> declared;
    for (const auto& [name, in] : matrix.tensors) {
        const auto planes = int64_t(in.counts.size());
        declared.push_back(
            {name + std::string(kSums), FormatId::F32, {int64_t(in.sumOfSquares.size()) / planes, planes}});
        declared.push_back({name + std::string(kCounts), FormatId::F32, {1, planes}});
    }
    GgufWriter writer(path, metadata, declared, overwrite);
    for (const auto& [name, in] : matrix.tensors) {
        writer.write(std::as_bytes(std::span(in.sumOfSquares)));
        writer.write(std::as_bytes(std::span(in.counts)));
    }
    writer.commit();
}

} // namespace nibble
