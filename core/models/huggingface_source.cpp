#include <algorithm>
#include <base/text.h>
#include <cstring>
#include <files/damaged.h>
#include <files/safetensors.h>
#include <map>
#include <models/delta_net_folder.h>
#include <models/described_model.h>
#include <models/fused_experts.h>
#include <models/huggingface_config.h>
#include <models/huggingface_names.h>
#include <models/model_label.h>
#include <models/owned_rows.h>
#include <models/packed_checkpoint.h>

namespace nibble {

namespace fs = std::filesystem;

namespace {

using Owner = std::shared_ptr<const void>;

/// A tensor of the folder on its way to its place in the virtual file.
struct Placed {
    int order = 0, expert = -1; // of GgufName
    TensorSummary summary;
    std::optional<WeightRows> rows; // none where Nibble cannot read the number format or shape
};

/// The matrices of all experts' gates and ups that share one tensor, gates first, as the two that most files have.
std::pair<Placed, Placed> gateAndUp(const Placed& both) {
    constexpr std::string_view kBoth = "gate_up";
    const auto half = [&](int64_t first, const char* name) {
        Placed part = both;
        part.rows = both.rows->slice(first, both.rows->rows / 2);
        std::string& own = part.rows->name;
        part.summary.name = own.replace(own.find(kBoth), kBoth.size(), name);
        part.summary.shape[1] /= 2;
        part.summary.bytes /= 2;
        return part;
    };
    return {half(0, "gate"), half(both.rows->rows / 2, "up")};
}

std::optional<FormatId> formatOf(std::string_view dtype) {
    if (dtype == "BF16") return FormatId::BF16;
    if (dtype == "F16") return FormatId::F16;
    if (dtype == "F32") return FormatId::F32;
    return std::nullopt;
}

/// A q or k bias in the rotary order of a GGUF file, as WeightRows::row does it for matrices.
WeightRows permutedBias(const WeightRows& bias, int32_t heads) {
    std::vector<float> values(std::size_t(bias.cols)), permuted(values.size());
    bias.decodeRow(0, values.data());
    const std::size_t d = values.size() / std::size_t(heads);
    for (std::size_t r = 0; r < values.size(); ++r) {
        const std::size_t head = r / d, i = r % d;
        permuted[r] = values[head * d + (i % 2) * (d / 2) + i / 2];
    }
    return vectorRows(bias.name, permuted);
}

/// Norm weights as a GGUF file holds them where a folder holds what they differ from one by.
WeightRows plusOne(const WeightRows& norm) {
    std::vector<float> values(std::size_t(norm.cols));
    norm.decodeRow(0, values.data());
    for (float& value : values) value += 1;
    return vectorRows(norm.name, values);
}

class HuggingFaceSource final : public ModelSource {
public:
    explicit HuggingFaceSource(const fs::path& folder)
        : m_path(folder), m_config(readHuggingFaceConfig(folder)), m_weights(folder) {
        if (m_config.packed) m_packed.emplace(m_weights, *m_config.packed, shownFileName(m_path));
        if (m_config.architecture && m_config.architecture->fusedExperts)
            m_fused.emplace(m_weights, shownFileName(m_path));
    }

    const fs::path& path() const override { return m_path; }
    bool isHuggingFace() const override { return true; }
    const GgufMetadata& metadata() const override { return m_config.metadata; }
    std::span<const WeightRows> tensors() const override { return m_tensors; }
    void check() const override { m_weights.check(); }
    uint64_t fileBytes() const override { return m_weights.fileBytes(); }

    /// Reads the weights' names and shapes into tensors() and `model`.
    void place(DescribedModel& model);
    void addGeneralKeys(const DescribedModel& model);

private:
    Placed placed(const SafeTensor& tensor, const GgufName& name) const;
    Placed placed(const WeightRows& packed, const GgufName& name) const;
    void reorderRotary(WeightRows& rows) const;
    void reorderHeads(WeightRows& rows) const;
    std::vector<Placed> withExpertsTogether(std::vector<Placed> all) const;

    fs::path m_path;
    HuggingFaceConfig m_config;
    SafeTensors m_weights;
    std::optional<PackedCheckpoint> m_packed; // what another tool has quantized
    std::optional<FusedExperts> m_fused;
    std::vector<WeightRows> m_tensors;
};

/// The matrices of a layer's experts, which follow each other, as planes of one tensor. Nothing is copied.
std::vector<Placed> HuggingFaceSource::withExpertsTogether(std::vector<Placed> all) const {
    std::vector<Placed> result;
    std::shared_ptr<std::vector<Owner>> owners; // of the last one, where they are several
    for (Placed& p : all) {
        const bool goesOn =
            !result.empty() && result.back().expert >= 0 && result.back().summary.name == p.summary.name;
        Placed* const whole = goesOn ? &result.back() : nullptr;
        if (p.expert < 0 || !p.rows || (whole && !whole->rows)) {
            result.push_back(std::move(p));
            continue;
        }
        const std::size_t before = whole ? whole->rows->planes.size() : 0;
        if (std::size_t(p.expert) != before)
            throwDamaged(shownFileName(m_path), p.summary.name,
                         format("has expert %d where expert %zu should be", p.expert, before));
        WeightRows& rows = *p.rows;
        if (!whole) {
            rows.dims = 3;
            p.summary.shape = {rows.cols, rows.rows, 1};
            owners = nullptr;
            result.push_back(std::move(p));
            continue;
        }
        WeightRows& first = *whole->rows;
        if (rows.format != first.format || rows.rows != first.rows || rows.cols != first.cols ||
            rows.made() != first.made())
            throwDamaged(shownFileName(m_path), p.summary.name,
                         format("has an expert %d of another shape or format than those before", p.expert));
        first.planes.insert(first.planes.end(), rows.planes.begin(), rows.planes.end());
        first.makers.insert(first.makers.end(), rows.makers.begin(), rows.makers.end());
        if (first.owner != rows.owner) {
            if (!owners) first.owner = owners = std::make_shared<std::vector<Owner>>(1, first.owner);
            owners->push_back(rows.owner);
        }
        ++whole->summary.shape.back();
        whole->summary.bytes += p.summary.bytes;
    }
    return result;
}

/// Rows of q and k of an architecture whose GGUF files hold rotary pairs side by side and whose folders do not.
void HuggingFaceSource::reorderRotary(WeightRows& rows) const {
    const Architecture* a = m_config.architecture;
    if (!a || a->rope == a->folderRope) return;
    const bool isQ = rows.name.find(".attn_q.") != rows.name.npos, isK = rows.name.find(".attn_k.") != rows.name.npos;
    if (!isQ && !isK) return;
    const int32_t heads = isQ ? m_config.heads : m_config.kvHeads;
    const int64_t outputs = rows.dims == 1 ? rows.cols : rows.rows;
    if (outputs % heads != 0 || outputs / heads % 2 != 0)
        throwDamaged(shownFileName(m_path), rows.name,
                     format("has %lld rows, which %d heads cannot share", static_cast<long long>(outputs), heads));
    if (rows.dims == 1)
        rows = permutedBias(rows, heads);
    else
        rows.ropeHeads = heads;
}

/// Rows as a GGUF file has them.
void HuggingFaceSource::reorderHeads(WeightRows& rows) const {
    reorderRotary(rows);
    if (m_config.deltaNet) orderDeltaNet(m_config.deltaNet, shownFileName(m_path), rows);
}

Placed HuggingFaceSource::placed(const SafeTensor& tensor, const GgufName& name) const {
    Placed result;
    result.order = name.order;
    result.expert = name.expert;
    result.summary = {name.name, tensor.dtype, {tensor.shape.rbegin(), tensor.shape.rend()}, tensor.bytes};
    const auto format = formatOf(tensor.dtype);
    if (!format || tensor.bytes == 0 || tensor.shape.empty() || tensor.shape.size() > 3) return result;

    WeightRows rows;
    rows.name = name.name;
    rows.format = *format;
    rows.dims = int(tensor.shape.size());
    rows.cols = tensor.shape.back();
    rows.rows = rows.dims > 1 ? tensor.shape[tensor.shape.size() - 2] : 1;
    rows.owner = m_weights.owner();
    const std::byte* data = tensor.data;
    if (reinterpret_cast<uintptr_t>(data) % nibble::format(*format).blockBytes != 0) {
        // Files by early writers may start their data at an odd address, where numbers cannot be read in place.
        const auto copy = std::make_shared<const std::vector<std::byte>>(data, data + tensor.bytes);
        data = copy->data();
        rows.owner = copy;
    }
    const uint64_t planeBytes = rows.rowBytes() * uint64_t(rows.rows);
    for (uint64_t at = 0; at < tensor.bytes; at += planeBytes) rows.planes.push_back(data + at);
    reorderHeads(rows);
    const bool lacksOne = m_config.architecture && m_config.architecture->normsLackOne;
    if (lacksOne && rows.dims == 1 && rows.name.ends_with("_norm.weight") && !rows.name.ends_with(".ssm_norm.weight"))
        rows = plusOne(rows);
    result.rows = std::move(rows);
    return result;
}

Placed HuggingFaceSource::placed(const WeightRows& packed, const GgufName& name) const {
    Placed result{name.order,
                  name.expert,
                  {name.name, format(packed.format).name, {packed.cols, packed.rows}, packed.bytes()},
                  packed};
    if (packed.dims == 3) result.summary.shape.push_back(int64_t(packed.planes.size()));
    result.rows->name = name.name;
    reorderHeads(*result.rows);
    return result;
}

void HuggingFaceSource::place(DescribedModel& model) {
    model.problem = m_config.problem;
    const auto unsupported = [&](const std::string& tensor, const std::string& what) {
        if (m_config.architecture && !model.problem)
            model.problem = Error(
                ErrorKind::Unsupported, "This model holds " + what + ", which Nibble cannot read yet.",
                shownFileName(m_path) + ": " + printable(tensor), "Choose another model, or a GGUF file of this one.");
    };
    const char* postAttentionLayernorm =
        m_config.architecture ? m_config.architecture->postAttentionLayernorm : "ffn_norm";
    std::vector<Placed> all;
    bool ignoredParts = false;
    const auto add = [&](const std::string& tensor, const auto& stored) {
        if (isIgnoredTensor(tensor)) {
            ignoredParts |= tensor.find("rotary_emb") == std::string::npos && !tensor.starts_with("mtp.");
            return;
        }
        const auto name = ggufNameOf(tensor, postAttentionLayernorm);
        if (name && name->layer >= m_config.layers && m_config.architecture) return; // transformers ignores them, too
        if (name && name->name == "output.weight" && m_config.tied) return;
        all.push_back(placed(stored, name.value_or(GgufName{tensor, -1, INT32_MAX})));
        if (!name) {
            all.back().rows.reset();
            unsupported(tensor, "a kind of weights that is not known for its architecture");
        } else if (!all.back().rows) {
            unsupported(tensor, "numbers of the format " + all.back().summary.format + " in an unusual shape or place");
        } else if (name->name.ends_with(".ffn_gate_up_exps.weight") && all.back().rows->rows % 2 == 0 &&
                   all.back().rows->dims == 3) {
            auto [gate, up] = gateAndUp(all.back());
            all.back() = std::move(gate);
            all.push_back(std::move(up));
        }
    };
    for (const SafeTensor& tensor : m_weights.tensors())
        if ((!m_packed || !m_packed->owns(tensor.name)) && (!m_fused || !m_fused->owns(tensor.name)))
            add(tensor.name, tensor);
    if (m_fused)
        for (const WeightRows& matrix : m_fused->matrices()) add(matrix.name, matrix);
    if (m_packed) {
        for (const WeightRows& matrix : m_packed->matrices()) add(matrix.name, matrix);
        model.warnings = m_packed->notes();
    }
    if (ignoredParts)
        model.warnings.push_back("Its parts for images or sound are left out: Nibble works with text only.");

    std::ranges::stable_sort(all, {}, [](const Placed& p) { return std::pair(p.order, p.expert); });
    for (Placed& p : withExpertsTogether(std::move(all))) {
        const bool again = !m_tensors.empty() && p.rows && m_tensors.back().name == p.rows->name;
        // Of an unknown architecture nobody says which name means what.
        if (again && m_config.architecture)
            throwDamaged(shownFileName(m_path), p.rows->name, "is there under two names");
        if (p.rows && !again) m_tensors.push_back(std::move(*p.rows));
        model.tensors.push_back(std::move(p.summary));
    }
    for (const auto& [name, factors] : m_config.ropeFactors) m_tensors.push_back(vectorRows(name, factors));
}

void HuggingFaceSource::addGeneralKeys(const DescribedModel& model) {
    GgufMetadata& metadata = m_config.metadata;
    metadata.set("general.name", folderModelName(m_path));
    uint64_t parameters = 0;
    std::map<std::string_view, uint64_t> bytes; // by format
    for (const TensorSummary& tensor : model.tensors) {
        parameters += parametersOf(tensor);
        bytes[tensor.format] += tensor.bytes;
    }
    metadata.set("general.size_label", sizeLabelOf(parameters));
    const std::string license = folderLicense(m_path);
    if (!license.empty() || !m_config.license.empty())
        metadata.set("general.license", license.empty() ? m_config.license : license);
    if (m_packed && !m_packed->matrices().empty()) metadata.set("nibble.imported", m_config.packed->description());
    if (!model.problem) { // another tool's codes have no number of their own
        static constexpr std::pair<const char*, uint32_t> kFileTypes[] = {
            {"BF16", 32}, {"F16", 1}, {"F32", 0}, {"Q4_0", 2}, {"Q4_1", 3}, {"Q8_0", 7}, {"MXFP4", 38}};
        const auto* most = std::ranges::max_element(
            kFileTypes, {}, [&](const auto& type) { return bytes[type.first]; }); // of llama_ftype
        metadata.set("general.file_type", most->second);
    }
    addSampling(m_path, metadata);
}

} // namespace

DescribedModel describeHuggingFace(const fs::path& folder) {
    DescribedModel model;
    auto source = std::make_unique<HuggingFaceSource>(folder);
    source->place(model);
    source->addGeneralKeys(model);
    model.hasChatTemplate = folderHasChatTemplate(folder);
    model.source = std::move(source);
    return model;
}

} // namespace nibble
