#include <algorithm>
#include <models/packed_scheme.h>

namespace nibble {

namespace {

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return text;
}

std::string firstText(const Fields& fields, std::initializer_list<const char*> names, const char* otherwise) {
    for (const char* name : names)
        if (const auto text = fields.text(name)) return lower(*text);
    return otherwise;
}

int64_t firstInteger(const Fields& fields, std::initializer_list<const char*> names, int64_t otherwise) {
    for (const char* name : names)
        if (const auto value = fields.integer(name, -1, INT32_MAX)) return *value;
    return otherwise;
}

std::optional<Error> unreadable(const std::string& what, const char* field) {
    return Error(ErrorKind::Unsupported,
                 "This model was already made smaller with " + printable(what, 100) + ", which is not supported yet.",
                 std::string("config.json: quantization_config.") + field,
                 "Choose the original model, or a GGUF file of it.");
}

/// What people call methods that Nibble does not read.
std::string methodName(const Fields& quantization, const std::string& method) {
    if (method == "bitsandbytes")
        return quantization.flag("load_in_8bit").value_or(false) ? "bitsandbytes (8 bits)" : "bitsandbytes (4 bits)";
    if (method.find("fp8") != method.npos) return "FP8 (floating-point numbers of 8 bits)";
    std::string upper = method;
    std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    return upper;
}

std::optional<PackedScheme> gptqScheme(const Fields& fields, PackedScheme scheme, std::optional<Error>& problem) {
    const std::string layout = firstText(fields, {"checkpoint_format", "format"}, "gptq");
    scheme.packing = Packing::Gptq;
    scheme.plainZeros = layout == "gptq_v2";
    if (layout != "gptq" && layout != "gptq_v2")
        problem = unreadable("GPTQ in the layout \"" + layout + "\"", "checkpoint_format");
    else if (fields.flag("is_marlin_format").value_or(false))
        problem = unreadable("GPTQ in the layout \"marlin\"", "is_marlin_format");
    else if (const std::string type = firstText(fields, {"pack_dtype"}, "int32"); type != "int32")
        problem = unreadable("GPTQ packed into " + type, "pack_dtype");
    return problem ? std::nullopt : std::optional(scheme);
}

std::optional<PackedScheme> awqScheme(const Fields& fields, PackedScheme scheme, std::optional<Error>& problem) {
    const std::string layout = firstText(fields, {"version", "format", "checkpoint_format"}, "gemm");
    scheme.packing = layout == "gemv" ? Packing::AwqGemv : Packing::AwqGemm;
    if (layout != "gemm" && layout != "gemv")
        problem = unreadable("AWQ in the layout \"" + layout + "\"", "version");
    else if (scheme.bits != 4)
        problem = unreadable("AWQ of " + std::to_string(scheme.bits) + " bits", "bits");
    return problem ? std::nullopt : std::optional(scheme);
}

/// Bits and groups are those of the first group of layers: others show in their tensors.
std::optional<PackedScheme> compressedScheme(const Fields& fields, PackedScheme scheme, std::optional<Error>& problem) {
    scheme.packing = Packing::CompressedTensors;
    const std::string layout = firstText(fields, {"format"}, "pack-quantized");
    if (layout != "pack-quantized") {
        problem = unreadable("compressed-tensors of the kind \"" + layout + "\"", "format");
        return std::nullopt;
    }
    const nlohmann::json* groups = fields.find("config_groups");
    if (groups && groups->is_object() && !groups->empty() && groups->begin()->is_object()) {
        const Fields first(*groups->begin(), "config.json", "quantization_config.config_groups.");
        if (const auto weights = first.object("weights")) {
            scheme.bits = weights->integer("num_bits", 1, 32).value_or(scheme.bits);
            scheme.groupSize = weights->integer("group_size", -1, INT32_MAX).value_or(-1);
        }
    }
    return scheme;
}

} // namespace

std::string PackedScheme::description() const {
    const char* tool = packing == Packing::Gptq                ? "GPTQ"
                       : packing == Packing::CompressedTensors ? "compressed-tensors"
                                                               : "AWQ";
    return format("%s, %lld bits, ", tool, static_cast<long long>(bits)) +
           (groupSize > 0 ? format("groups of %lld", static_cast<long long>(groupSize)) : "one group a row");
}

std::optional<PackedScheme> packedScheme(const Fields& quantization, std::optional<Error>& problem) {
    const std::string method = firstText(quantization, {"quant_method"}, "gptq"); // old files of GPTQ name none
    PackedScheme scheme;
    scheme.bits = firstInteger(quantization, {"bits", "w_bit"}, 4);
    scheme.groupSize = firstInteger(quantization, {"group_size", "q_group_size"}, 128);
    if (method == "gptq") return gptqScheme(quantization, scheme, problem);
    if (method == "awq") return awqScheme(quantization, scheme, problem);
    if (method == "compressed-tensors") return compressedScheme(quantization, scheme, problem);
    problem = unreadable(methodName(quantization, method), "quant_method");
    return std::nullopt;
}

} // namespace nibble
