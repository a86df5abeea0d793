#include <algorithm>
#include <base/text.h>
#include <files/damaged.h>
#include <models/architecture.h>
#include <models/described_model.h>
#include <models/model_label.h>
#include <nibble/inspect.h>

namespace nibble {

namespace {

constexpr std::size_t kShownItems = 8, kShownText = 400;

/// A metadata value as experts want to see it: long lists and texts are cut.
std::string shownValue(const GgufValue& value) {
    return std::visit(
        []<class T>(const T& v) -> std::string {
            if constexpr (std::is_same_v<T, std::string>) {
                return printable(v, kShownText);
            } else if constexpr (std::is_same_v<T, bool>) {
                return v ? "true" : "false";
            } else if constexpr (std::is_floating_point_v<T>) {
                return format("%g", double(v));
            } else if constexpr (std::is_integral_v<T>) {
                return std::to_string(v);
            } else {
                std::string text = "[";
                for (std::size_t i = 0; i < std::min(v.size(), kShownItems); ++i) {
                    const typename T::value_type item = v[i];
                    text += (i ? ", " : "") + shownValue(GgufValue(item));
                }
                return text + (v.size() > kShownItems ? format(", ... %zu in all]", v.size()) : "]");
            }
        },
        value);
}

/// The key's largest value (some keys have one per layer); 0 where it is absent or makes no sense.
int32_t largest(const GgufMetadata& metadata, const std::string& key) {
    try {
        const auto values = metadata.integers(key, 0, INT32_MAX);
        return values && !values->empty() ? int32_t(std::ranges::max(*values)) : 0;
    } catch (const Error&) {
        return 0; // planOf() says what is wrong with it
    }
}

std::string textOr(const GgufMetadata& metadata, const char* key, std::string fallback = {}) {
    const GgufValue* value = metadata.find(key);
    const auto* text = value ? std::get_if<std::string>(value) : nullptr;
    return text && !text->empty() ? printable(*text) : std::move(fallback);
}

void readHyperparameters(const GgufMetadata& metadata, ModelInfo& info) {
    const auto key = [&](const char* name) { return largest(metadata, info.architecture + "." + name); };
    info.contextLength = key("context_length");
    info.layers = key("block_count");
    info.embedding = key("embedding_length");
    info.heads = key("attention.head_count");
    info.kvHeads = key("attention.head_count_kv");
    if (info.kvHeads == 0) info.kvHeads = info.heads;
    info.headDim = key("attention.key_length");
    if (info.headDim == 0 && info.heads > 0) info.headDim = info.embedding / info.heads;
    info.experts = key("expert_count");
    info.expertsUsed = key("expert_used_count");
    info.feedForward = key("expert_feed_forward_length");
    if (info.feedForward == 0) info.feedForward = key("feed_forward_length");
    info.vocab = key("vocab_size");
}

/// Whether a matrix of that format has lost precision: every format but the floats, also those of other tools.
bool isQuantized(const std::string& formatName) {
    if (const Format* f = findFormat(formatName)) return f->codeBits > 0;
    return formatName != "F64";
}

void sumTensors(const std::vector<TensorSummary>& tensors, ModelInfo& info) {
    info.tiedEmbedding = !tensors.empty();
    for (const TensorSummary& tensor : tensors) {
        if (tensor.name.starts_with("rope_f")) continue; // tables of constants: rope_freqs, rope_factors_long, ...
        info.parameters += parametersOf(tensor);
        info.weightBytes += tensor.bytes;
        info.bytesByFormat[tensor.format] += tensor.bytes;
        if (tensor.shape.size() > 1 && isQuantized(tensor.format)) info.quantized = true;
        if (tensor.name == "output.weight") info.tiedEmbedding = false;
        if (tensor.name == "token_embd.weight" && tensor.shape.size() == 2 && tensor.shape[1] <= INT32_MAX)
            info.vocab = int32_t(tensor.shape[1]);
    }
    if (info.parameters > 0) info.bitsPerWeight = 8 * double(info.weightBytes) / double(info.parameters);
}

/// The name of the mixture: general.file_type's where the tensors agree, else of the one format of all matrices.
std::string mixtureName(const GgufMetadata& metadata, ModelInfo& info) {
    std::map<std::string, uint64_t> matrices;
    for (const TensorSummary& tensor : info.tensors)
        if (tensor.shape.size() > 1) matrices[tensor.format] += tensor.bytes;
    const std::string fromTensors = matrices.size() == 1 ? matrices.begin()->first : "mixed";
    const GgufValue* value = metadata.find("general.file_type");
    const auto* fileType = value ? std::get_if<uint32_t>(value) : nullptr;
    const FileTypeName* named = fileType ? findFileType(*fileType) : nullptr;
    if (!named || matrices.empty()) return fromTensors;
    if (matrices.contains(named->format) || matrices.contains(named->fallback)) return named->name;
    info.warnings.push_back(std::string("The file calls itself ") + named->name +
                            ", but none of its weights are of that format.");
    return fromTensors;
}

/// What is unusual about the model's text part, or why there can be no chat with it. It may still be made smaller.
void checkTokenizer(const ModelSource& source, ModelInfo& info) {
    try {
        if (const std::string note = tokenizerOf(source)->note(); !note.empty()) info.warnings.push_back(note);
    } catch (const Error& e) {
        if (e.kind != ErrorKind::Unsupported && e.kind != ErrorKind::BadFile && e.kind != ErrorKind::NotFound) throw;
        info.warnings.push_back(e.message);
    }
}

/// Why the model cannot be run, or "".
std::string whyUnsupported(const DescribedModel& model) {
    const GgufMetadata& metadata = model.source->metadata();
    const std::string type = textOr(metadata, "general.type", "model");
    if (type != "model") return "This file is no language model but of the type \"" + type + "\".";
    try {
        if (model.tensors.empty()) return "This file holds a vocabulary only, no weights.";
        if (!findArchitecture(textOr(metadata, "general.architecture"))) planOf(*model.source); // names the kind first
        if (model.problem) throw *model.problem;
        planOf(*model.source);
    } catch (const Error& e) {
        if (e.kind != ErrorKind::Unsupported && e.kind != ErrorKind::BadFile) throw;
        return e.message + (e.kind == ErrorKind::BadFile && !e.detail.empty() ? " (" + e.detail + ")" : "");
    }
    return {};
}

std::string nameOfPath(const std::filesystem::path& path, bool isFolder) {
    return isFolder ? folderModelName(path) : printable(path.stem().string());
}

} // namespace

ModelInfo inspectModel(const std::filesystem::path& path) {
    const DescribedModel model = describeModel(path);
    const ModelSource& source = *model.source;
    const GgufMetadata& metadata = source.metadata();

    ModelInfo info;
    info.path = path;
    info.tensors = model.tensors;
    info.warnings = model.warnings;
    info.name = textOr(metadata, "general.name", nameOfPath(source.path(), source.isHuggingFace()));
    info.container = source.isHuggingFace() ? "huggingface" : "gguf";
    info.architecture = textOr(metadata, "general.architecture");
    info.license = textOr(metadata, "general.license");
    info.fileBytes = source.fileBytes();
    info.hasChatTemplate = model.hasChatTemplate;
    readHyperparameters(metadata, info);
    sumTensors(model.tensors, info);
    info.sizeLabel = textOr(metadata, "general.size_label", sizeLabelOf(info.parameters));
    info.formatName = mixtureName(metadata, info);
    if (metadata.find("nibble.imported")) info.quantized = true; // even where its weights had to be decoded
    info.unsupportedReason = whyUnsupported(model);
    info.supported = info.unsupportedReason.empty();
    if (info.supported) checkTokenizer(source, info);
    if (info.supported && !info.hasChatTemplate)
        info.warnings.push_back(
            "It has no chat template: it continues text, but was perhaps not made for conversation.");
    for (const auto& [key, value] : metadata.entries()) info.metadata.emplace_back(printable(key), shownValue(value));
    source.check();
    return info;
}

} // namespace nibble
