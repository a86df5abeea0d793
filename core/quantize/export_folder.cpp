#include <quantize/export_folder.h>

#include <algorithm>
#include <base/progress.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <files/json_file.h>
#include <models/architecture.h>
#include <models/huggingface_names.h>
#include <nibble/error.h>
#include <quantize/knowledge.h>
#include <quantize/packed_layout.h>

namespace nibble {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// What belongs to a model beside its weights and config.json, as far as a folder has it.
constexpr const char* kCarriedOver[] = {"tokenizer.json",
                                        "tokenizer_config.json",
                                        "tokenizer.model",
                                        "special_tokens_map.json",
                                        "added_tokens.json",
                                        "vocab.json",
                                        "merges.txt",
                                        "chat_template.jinja",
                                        "chat_template.json",
                                        "preprocessor_config.json",
                                        "generation_config.json",
                                        "LICENSE",
                                        "LICENSE.txt",
                                        "LICENSE.md",
                                        "NOTICE",
                                        "NOTICE.txt"};
constexpr uint64_t kLongestFile = 256 << 20;

[[noreturn]] void refuse(const ModelSource& source, const std::string& what) {
    throw Error(ErrorKind::Unsupported, "Folders for servers cannot be made of this model yet.",
                printable(source.path().string(), 1000) + ": " + what,
                "Make a GGUF file of it (for example --recipe Q4_K_M), which llama.cpp's server loads.");
}

/// Only models of plain layers have the same module names in every loader.
void refuseUnusual(const ModelSource& source) {
    if (!source.isHuggingFace())
        throw Error(ErrorKind::BadRequest, "A folder for servers can only be made from the model's original folder.",
                    printable(source.path().string(), 1000) + " is a GGUF file",
                    "Get the folder with config.json, tokenizer.json and model.safetensors, or make a GGUF file.");
    if (isQuantized(source))
        throw Error(ErrorKind::BadRequest,
                    "This model was already made smaller; a folder for servers needs more exact "
                    "weights.",
                    printable(source.path().string(), 1000), "Start from the original model.");
    const ModelPlan plan = planOf(source);
    if (plan.router.experts > 0) refuse(source, "it has experts");
    if (plan.perLayerEmbedding > 0) refuse(source, "it has embeddings of their own for every layer");
    if (isRecurrent(plan)) refuse(source, "it has recurrent layers");
}

/// As config.json and quantize_config.json say it. Sources: GPTQModel's and AutoAWQ's readers, notes/quantization 2.
json descriptionOf(const FolderRecipe& recipe, const std::string& method) {
    const json meta = {{"quantizer", {"nibble:" NIBBLE_VERSION}}, {"method", method}};
    if (recipe.kind == FolderKind::Awq)
        return {{"quant_method", "awq"},
                {"bits", recipe.bits},
                {"group_size", recipe.group},
                {"zero_point", true}, // written down, though all are in the middle
                {"version", "gemm"},
                {"modules_to_not_convert", nullptr},
                {"meta", meta}};
    return {{"quant_method", "gptq"},     {"bits", recipe.bits}, {"group_size", recipe.group}, {"sym", true},
            {"desc_act", false},          {"lm_head", false},    {"pack_dtype", "int32"},      {"meta", meta},
            {"checkpoint_format", "gptq"}}; // zero points less one
}

std::string moduleOf(const std::string& tensor) {
    return tensor.substr(0, tensor.size() - std::string("weight").size());
}

} // namespace

FolderExport::FolderExport(const ModelSource& source, FolderRecipe recipe, bool scaled, int threads)
    : m_source((refuseUnusual(source), source)), m_recipe(recipe), m_scaled(scaled), m_weights(source.path()) {
    const Architecture* architecture =
        findArchitecture(source.metadata().string("general.architecture").value_or(std::string()));
    for (const SafeTensor& tensor : m_weights.tensors()) {
        if (tensor.name.ends_with(".rotary_emb.inv_freq")) continue; // loaders compute it
        if (isIgnoredTensor(tensor.name)) refuse(source, "it has parts for images or sound (" + tensor.name + ")");
        const auto name = ggufNameOf(tensor.name, architecture->postAttentionLayernorm);
        const WeightRows* rows = name && name->layer >= 0 ? source.find(name->name) : nullptr;
        if (rows && !isNeverQuantized(*rows))
            m_packed.push_back({std::size_t(rows - source.tensors().data()), moduleOf(tensor.name)});
        else
            m_copied.push_back({&tensor, name ? name->name : "", m_scaled && rows && rows->dims == 1});
    }
    // In the order of their alignment.
    std::ranges::stable_partition(m_copied, &Copied::asFloats);
    m_normsLackOne = architecture->normsLackOne;
    std::ranges::sort(m_packed, {}, &Packed::tensor);
    chooseGroup();
    makePlan(threads);
}

void FolderExport::chooseGroup() {
    int64_t largest = 128;
    std::string why;
    for (const Packed& packed : m_packed) {
        const WeightRows& matrix = m_source.tensors()[packed.tensor];
        const std::string shape =
            format("%s is %lld x %lld", matrix.name.c_str(), (long long)matrix.rows, (long long)matrix.cols);
        if (matrix.cols % 32 != 0 || matrix.rows % 8 != 0)
            refuse(m_source, shape + ", and servers want multiples of 8 x 32");
        while (matrix.cols % largest != 0) {
            largest /= 2;
            why = shape;
        }
    }
    if (m_recipe.group == 0) m_recipe.group = largest;
    if (m_recipe.group <= largest) return;
    const std::string asked = m_recipe.name();
    m_recipe.group = largest;
    throw Error(ErrorKind::BadRequest, "The rows of this model do not divide into groups of that size (" + asked + ").",
                why, "Choose " + m_recipe.name() + ".");
}

std::vector<SafetensorsWriter::Declaration> FolderExport::declarations() const {
    std::vector<SafetensorsWriter::Declaration> all;
    for (const Packed& packed : m_packed) {
        const WeightRows& matrix = m_source.tensors()[packed.tensor];
        for (auto& part : packedTensors(m_recipe, packed.module, matrix.rows, matrix.cols)) all.push_back(part);
    }
    for (const auto& [tensor, name, asFloats] : m_copied)
        all.push_back({tensor->name, asFloats ? "F32" : tensor->dtype, tensor->shape,
                       asFloats ? uint64_t(tensor->shape[0]) * sizeof(float) : tensor->bytes});
    return all;
}

std::vector<const Format*> FolderExport::formats() const {
    std::vector<const Format*> all(m_source.tensors().size(), &format(FormatId::F32));
    for (const Packed& packed : m_packed) all[packed.tensor] = &m_recipe.format();
    return all;
}

void FolderExport::makePlan(int threads) {
    plan.recipe = m_recipe.name();
    plan.isFolder = true;
    uint64_t bytes = 0, elements = 0;
    for (const Packed& packed : m_packed) {
        const WeightRows& matrix = m_source.tensors()[packed.tensor];
        const uint64_t after = matrixMemory(m_recipe, matrix.rows, matrix.cols);
        plan.tensors.push_back({packed.module + "weight",
                                format(matrix.format).name,
                                format("%d bit, groups of %lld", m_recipe.bits, (long long)m_recipe.group),
                                {matrix.cols, matrix.rows},
                                matrix.bytes(),
                                after,
                                ""});
        const uint64_t blocks = m_recipe.format().rowBytes(matrix.cols) * uint64_t(matrix.rows);
        const uint64_t rows = uint64_t(threads) * ErrorFeedback::kRows * uint64_t(matrix.cols) * sizeof(float);
        plan.peakMemoryBytes = std::max(plan.peakMemoryBytes, blocks + after + rows);
        bytes += after;
        elements += uint64_t(matrix.elements());
    }
    for (const auto& [tensor, name, asFloats] : m_copied) {
        uint64_t count = 1;
        for (const int64_t n : tensor->shape) count *= uint64_t(n);
        const uint64_t after = asFloats ? count * sizeof(float) : tensor->bytes;
        plan.tensors.push_back(
            {tensor->name,
             tensor->dtype,
             asFloats ? "F32" : tensor->dtype,
             {tensor->shape.rbegin(), tensor->shape.rend()},
             tensor->bytes,
             after,
             asFloats ? "takes up the scales of what reads it" : "kept as it is, as loaders expect"});
        bytes += after;
        elements += count;
    }
    plan.sourceBytes = m_source.fileBytes();
    plan.fileBytes = SafetensorsWriter::fileBytesOf(declarations());
    if (elements > 0) plan.bitsPerWeight = 8.0 * double(bytes) / double(elements);
}

void FolderExport::write(const ModelSource& weights, const ChannelScales& scales, const Learned& learned,
                         const fs::path& folder, ThreadPool& pool, const ProgressFn& progress,
                         const std::stop_token& stop) const {
    for (const char* name : kCarriedOver)
        if (std::error_code ignored; fs::is_regular_file(m_source.path() / name, ignored))
            writeTextFile(folder / name, readTextFile(m_source.path() / name, kLongestFile));
    writeDescription(folder, methodName(m_scaled, learned));
    writeWeights(weights, scales, learned, folder / "model.safetensors", pool, progress, stop);
}

void FolderExport::writeDescription(const fs::path& folder, const std::string& method) const {
    const json description = descriptionOf(m_recipe, method);
    json config = readJsonObject(m_source.path() / "config.json", kLongestFile);
    config["quantization_config"] = description;
    writeTextFile(folder / "config.json", config.dump(2) + "\n");
    writeTextFile(folder / "quantize_config.json", description.dump(2) + "\n");
}

/// A norm or bias as 32-bit floats, divided by its scales where it has some.
std::vector<float> FolderExport::scaledVector(const Copied& copied, const ChannelScales& scales) const {
    const SafeTensor& tensor = *copied.tensor;
    std::vector<float> values(std::size_t(tensor.shape[0]));
    format(tensor.dtype == "F32"    ? FormatId::F32
           : tensor.dtype == "BF16" ? FormatId::BF16
                                    : FormatId::F16)
        .decode(tensor.data, values.data(), tensor.shape[0]);
    const std::vector<float>* const divisors = scales.rowsOf(copied.name);
    if (!divisors) return values;
    const float missing = m_normsLackOne && copied.name.ends_with("_norm.weight") ? 1.f : 0.f;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = (values[i] + missing) / (*divisors)[i] - missing;
    return values;
}

void FolderExport::writeWeights(const ModelSource& weights, const ChannelScales& scales, const Learned& learned,
                                const fs::path& file, ThreadPool& pool, const ProgressFn& progress,
                                const std::stop_token& stop) const {
    SafetensorsWriter writer(file, declarations());
    const Format& to = m_recipe.format();
    double elements = 0, done = 0;
    for (const Packed& packed : m_packed) elements += double(m_source.tensors()[packed.tensor].elements());
    ProgressMeter meter(progress, stop, "Making smaller", elements);
    std::vector<std::byte> blocks;
    std::vector<std::vector<float>> scratch(std::size_t(pool.size()));
    for (const Packed& packed : m_packed) {
        const WeightRows& matrix = weights.tensors()[packed.tensor];
        const Knowledge knowledge = knowledgeOf(weights, packed.tensor, to, learned, pool);
        blocks.resize(to.rowBytes(matrix.cols) * uint64_t(matrix.rows));
        pool.forEach(matrix.rows, ErrorFeedback::kRows, [&](int64_t begin, int64_t end, int worker) {
            if (stop.stop_requested()) return;
            encodeRows(matrix, 0, begin, end, to, knowledge, blocks.data() + uint64_t(begin) * to.rowBytes(matrix.cols),
                       scratch[std::size_t(worker)]);
        });
        throwIfStopped(stop);
        writeMatrix(m_recipe, m_source.tensors()[packed.tensor], blocks, pool, writer);
        done += double(matrix.elements());
        meter.update(done, matrix.name);
    }
    for (const Copied& copied : m_copied)
        if (copied.asFloats)
            writer.write(std::as_bytes(std::span<const float>(scaledVector(copied, scales))));
        else
            writer.write({copied.tensor->data, copied.tensor->bytes});
    m_source.check(); // a source that changed under our hands makes the result worthless
    m_weights.check();
    meter.finish();
    writer.commit();
}

} // namespace nibble
