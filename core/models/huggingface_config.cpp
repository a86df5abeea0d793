#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <files/damaged.h>
#include <files/json_file.h>
#include <models/huggingface_config.h>

namespace nibble {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr uint64_t kMaxConfig = 16 * 1024 * 1024;
constexpr int64_t kMaxCount = INT32_MAX, kMaxHeadDim = 1 << 16;
constexpr const char* kConfigName = "config.json";

/// The fields of one JSON object; null counts as absent. Errors name the file and the field.
class Fields {
public:
    Fields(const json& object, std::string file, std::string prefix = {})
        : m_object(&object), m_file(std::move(file)), m_prefix(std::move(prefix)) {}

    const json* find(const char* name) const {
        const auto it = m_object->find(name);
        return it == m_object->end() || it->is_null() ? nullptr : &*it;
    }
    std::optional<int64_t> integer(const char* name, int64_t min, int64_t max) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        const bool fits =
            value->is_number_unsigned() ? value->get<uint64_t>() <= uint64_t(INT64_MAX) : value->is_number_integer();
        if (!fits || value->get<int64_t>() < min || value->get<int64_t>() > max)
            bad(name, format("is not a whole number from %lld to %lld", static_cast<long long>(min),
                             static_cast<long long>(max)));
        return value->get<int64_t>();
    }
    std::optional<double> number(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_number() || !std::isfinite(value->get<double>())) bad(name, "is not a number");
        return value->get<double>();
    }
    std::optional<bool> flag(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_boolean()) bad(name, "is not true or false");
        return value->get<bool>();
    }
    std::optional<std::string> text(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_string()) bad(name, "is not a text");
        return value->get<std::string>();
    }
    /// The object of that name; null where absent.
    std::optional<Fields> object(const char* name) const {
        const json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_object()) bad(name, "is not an object");
        return Fields(*value, m_file, m_prefix + name + ".");
    }
    [[noreturn]] void bad(const char* name, const std::string& fact) const {
        throwDamaged(m_file, m_prefix + name, fact);
    }

private:
    const json* m_object;
    std::string m_file, m_prefix;
};

/// Collects the keys of one architecture.
struct Builder {
    const Fields& config;
    HuggingFaceConfig& out;
    std::string prefix; // "llama."

    void integer(const char* key, int64_t value) { out.metadata.set(prefix + key, uint32_t(value)); }
    void number(const char* key, double value) { out.metadata.set(prefix + key, float(value)); }
    /// A count that the architecture cannot do without; models of unknown kinds may lack anything.
    int64_t required(const char* field, const char* key) {
        const auto value = config.integer(field, 1, kMaxCount);
        if (!value && out.architecture) config.bad(field, "is missing");
        if (value) integer(key, *value);
        return value.value_or(0);
    }
    void unsupported(const char* field, const std::string& what) {
        if (out.problem) return;
        out.problem =
            Error(ErrorKind::Unsupported, "This model uses " + what + ", which Nibble cannot read yet.",
                  std::string(kConfigName) + ": " + field, "Choose another model, or a GGUF file of this one.");
    }
};

/// Llama 3's stretched positions: what the frequency of each pair is divided by. transformers,
/// _compute_llama3_parameters.
std::vector<float> llama3Factors(const Fields& rope, double base, int64_t dims) {
    const double factor = rope.number("factor").value_or(8), low = rope.number("low_freq_factor").value_or(1);
    const double high = rope.number("high_freq_factor").value_or(4);
    const double original = double(rope.integer("original_max_position_embeddings", 1, kMaxCount).value_or(8192));
    if (!(factor >= 1) || !(low > 0) || !(high > low)) rope.bad("factor", "and its high and low limits make no sense");
    std::vector<float> factors;
    for (int64_t i = 0; i < dims / 2; ++i) {
        const double wavelength = 2 * M_PI * std::pow(base, 2.0 * double(i) / double(dims));
        const double smooth = std::clamp((original / wavelength - low) / (high - low), 0.0, 1.0);
        factors.push_back(float(1 / ((1 - smooth) / factor + smooth))); // 1 where high, `factor` where low
    }
    return factors;
}

void addYarn(Builder& to, const Fields& rope, int64_t context) {
    const auto original = rope.integer("original_max_position_embeddings", 1, kMaxCount);
    if (original) to.integer("rope.scaling.original_context_length", *original);
    const double factor = rope.number("factor").value_or(original ? double(context) / double(*original) : 1);
    to.number("rope.scaling.factor", factor);
    if (const auto v = rope.number("beta_fast")) to.number("rope.scaling.yarn_beta_fast", *v);
    if (const auto v = rope.number("beta_slow")) to.number("rope.scaling.yarn_beta_slow", *v);
    if (const auto v = rope.flag("truncate")) to.out.metadata.set(to.prefix + "rope.scaling.yarn_truncate", *v);
    // The attention factor as transformers' _compute_yarn_parameters finds it; its default needs no key.
    const double mscale = rope.number("mscale").value_or(0), mscaleAll = rope.number("mscale_all_dim").value_or(0);
    const auto magnitude = [&](double m) { return factor > 1 ? 0.1 * m * std::log(factor) + 1 : 1.0; };
    if (const auto v = rope.number("attention_factor"))
        to.number("rope.scaling.yarn_attn_factor", *v);
    else if (mscale != 0 && mscaleAll != 0)
        to.number("rope.scaling.yarn_attn_factor", magnitude(mscale) / magnitude(mscaleAll));
}

/// transformers 5: rope_parameters, flat or one per layer type. transformers 4: rope_theta beside rope_scaling.
void addRope(Builder& to, int64_t headDim, int64_t context) {
    auto rope = to.config.object("rope_parameters");
    if (rope && rope->find("full_attention")) {
        const auto sliding = rope->object("sliding_attention");
        if (sliding)
            if (const auto base = sliding->number("rope_theta")) to.number("rope.freq_base_swa", *base);
        rope = rope->object("full_attention");
    }
    if (!rope) rope = to.config.object("rope_scaling");

    auto base = rope ? rope->number("rope_theta") : std::nullopt;
    if (!base) base = to.config.number("rope_theta");
    if (base && *base <= 1) to.config.bad("rope_theta", "is not above 1");
    to.number("rope.freq_base", base.value_or(10000));
    auto partial = rope ? rope->number("partial_rotary_factor") : std::nullopt;
    if (!partial) partial = to.config.number("partial_rotary_factor");
    if (partial && !(*partial > 0 && *partial <= 1)) to.config.bad("partial_rotary_factor", "is not in 0 to 1");
    const auto dims = int64_t(double(headDim) * partial.value_or(1));
    if (dims > 0) to.integer("rope.dimension_count", dims);
    if (!rope) return;

    auto type = rope->text("rope_type");
    if (!type) type = rope->text("type");
    if (!type || *type == "default") return;
    if (*type == "llama3") {
        to.out.ropeFactors = llama3Factors(*rope, base.value_or(10000), dims);
        return;
    }
    to.out.metadata.set(to.prefix + "rope.scaling.type", *type); // what planOf() does not know it refuses by name
    if (*type == "yarn")
        addYarn(to, *rope, context);
    else if (const auto factor = rope->number("factor"))
        to.number("rope.scaling.factor", *factor);
}

/// Sliding windows: of the layers that layer_types names, else of those from max_window_layers (Qwen), else of all
/// (Mistral).
void addWindow(Builder& to, const std::string& modelType) {
    const auto window = to.config.integer("sliding_window", 0, kMaxCount);
    const auto used = to.config.flag("use_sliding_window");
    if (window.value_or(0) == 0 || !used.value_or(true) || modelType == "llama") return; // llama ignores the field
    std::vector<bool> windowed(std::size_t(to.out.layers), true);
    bool pattern = used.has_value();
    if (const json* types = to.config.find("layer_types")) {
        if (!types->is_array() || types->size() != windowed.size())
            to.config.bad("layer_types", format("is not a list of %zu texts", windowed.size()));
        for (std::size_t i = 0; i < windowed.size(); ++i) {
            const json& type = (*types)[i];
            if (!type.is_string()) to.config.bad("layer_types", format("[%zu] is not a text", i));
            windowed[i] = type == "sliding_attention";
            if (!windowed[i] && type != "full_attention")
                to.unsupported("layer_types", "layers of the kind " + printable(type.get<std::string>(), 60));
        }
        pattern = true;
    } else if (const auto first = to.config.integer("max_window_layers", 0, kMaxCount)) {
        for (std::size_t i = 0; i < windowed.size(); ++i) windowed[i] = int64_t(i) >= *first;
        pattern = true;
    }
    if (std::ranges::find(windowed, true) == windowed.end()) return;
    to.integer("attention.sliding_window", *window);
    if (pattern) to.out.metadata.set(to.prefix + "attention.sliding_window_pattern", std::move(windowed));
}

void addArchitectureKeys(Builder& to, const std::string& modelType) {
    const Fields& config = to.config;
    const int64_t context = to.required("max_position_embeddings", "context_length");
    const int64_t width = to.required("hidden_size", "embedding_length");
    to.out.layers = int32_t(to.required("num_hidden_layers", "block_count"));
    to.required("intermediate_size", "feed_forward_length");
    to.required("vocab_size", "vocab_size");
    const int64_t heads = to.required("num_attention_heads", "attention.head_count");
    const int64_t kvHeads = config.integer("num_key_value_heads", 1, kMaxCount).value_or(heads);
    if (kvHeads > 0) to.integer("attention.head_count_kv", kvHeads);
    to.out.heads = int32_t(heads);
    to.out.kvHeads = int32_t(kvHeads);
    if (to.out.layers > 10'000) config.bad("num_hidden_layers", "is impossibly large");

    const auto headDim = config.integer("head_dim", 1, kMaxCount);
    if (!headDim && to.out.architecture && width % heads != 0)
        config.bad("num_attention_heads", "does not divide hidden_size");
    const int64_t dims = headDim.value_or(heads > 0 ? width / heads : 0);
    if (dims > kMaxHeadDim) config.bad(headDim ? "head_dim" : "hidden_size", "is impossibly large");
    if (headDim) {
        to.integer("attention.key_length", *headDim);
        to.integer("attention.value_length", *headDim);
    }
    if (const auto eps = config.number("rms_norm_eps"))
        to.number("attention.layer_norm_rms_epsilon", *eps);
    else if (to.out.architecture)
        to.number("attention.layer_norm_rms_epsilon", 1e-6); // the default of all their config classes
    addRope(to, dims, context);
    addWindow(to, modelType);

    const std::string activation = config.text("hidden_act").value_or("silu");
    if (to.out.architecture && activation != "silu" && activation != "swish")
        to.unsupported("hidden_act", "the activation " + printable(activation, 60));
}

/// Weights that another tool has quantized already.
void refuseQuantized(Builder& to, const Fields& outer) {
    auto quantization = outer.object("quantization_config");
    if (!quantization) quantization = to.config.object("quantization_config");
    if (!quantization || to.out.problem) return;
    std::string method = quantization->text("quant_method").value_or("another program");
    std::ranges::transform(method, method.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    to.out.problem =
        Error(ErrorKind::Unsupported,
              "This model was already made smaller with " + printable(method, 60) + ", which Nibble cannot read yet.",
              std::string(kConfigName) + ": quantization_config.quant_method",
              "Choose the original model, or a GGUF file of it.");
}

} // namespace

HuggingFaceConfig readHuggingFaceConfig(const fs::path& folder) {
    const json root = readJsonObject(folder / kConfigName, kMaxConfig);
    const Fields outer(root, kConfigName);
    const auto inner = outer.object("text_config"); // multimodal wrappers
    const Fields& config = inner ? *inner : outer;
    auto type = config.text("model_type");
    if (!type) type = outer.text("model_type");
    if (!type || type->empty()) outer.bad("model_type", "is missing");

    HuggingFaceConfig result;
    result.metadata.origin = kConfigName;
    result.architecture = findHuggingFaceType(*type);
    const std::string name = result.architecture ? result.architecture->name : *type;
    result.metadata.set("general.architecture", name);
    result.metadata.set("general.type", std::string("model"));
    if (const json* license = outer.find("license"); license && license->is_string())
        result.license = license->get<std::string>();

    Builder builder{config, result, name + "."};
    addArchitectureKeys(builder, *type);
    refuseQuantized(builder, outer);
    auto tied = config.flag("tie_word_embeddings");
    if (!tied) tied = outer.flag("tie_word_embeddings");
    result.tied = tied.value_or(result.architecture && result.architecture->tiedByDefault);
    return result;
}

void addSampling(const fs::path& folder, GgufMetadata& metadata) {
    std::error_code ignored;
    const fs::path path = folder / "generation_config.json";
    if (!fs::exists(path, ignored)) return;
    const json root = readJsonObject(path, kMaxConfig);
    const Fields fields(root, shownFileName(path));
    const std::string prefix = "general.sampling.";
    const auto number = [&](const char* field, const char* key) {
        if (const auto value = fields.number(field)) metadata.set(prefix + key, float(*value));
    };
    number("temperature", "temp");
    number("top_p", "top_p");
    number("min_p", "min_p");
    number("repetition_penalty", "penalty_repeat");
    if (const auto k = fields.integer("top_k", 0, kMaxCount)) metadata.set(prefix + "top_k", int32_t(*k));
    if (fields.flag("do_sample") == false) metadata.set(prefix + "temp", 0.0f);
}

} // namespace nibble
