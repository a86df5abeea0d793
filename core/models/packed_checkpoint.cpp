#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <map>
#include <models/packed_checkpoint.h>

namespace nibble {

namespace {

struct Found {
    PackedMatrix matrix;
    ZeroRange zeros; // as stored
};

/// The name without the number of an expert: those with the same are stacked to one tensor.
std::string tensorOf(std::string name) {
    constexpr std::string_view kExperts = ".experts.";
    const std::size_t at = name.find(kExperts);
    if (at == name.npos) return name;
    const std::size_t number = at + kExperts.size();
    return name.erase(number, std::min(name.find('.', number), name.size()) - number);
}

/// Which of GPTQ's two ways of storing zero points a matrix shows: as they are (gptq_v2), or one less (gptq).
enum class ZeroVote { None, Plain, OneLess };

/// |mean| / rms of some of the weights, which is near 0 for zero points read the right way.
double lopsidedness(const PackedMatrix& m, int offset) {
    const int64_t inputs = std::min<int64_t>(m.inputs, 512), outputs = std::min<int64_t>(m.outputs, 2048);
    double sum = 0, squares = 0;
    for (int64_t k = 0; k < inputs; ++k)
        for (int64_t n = 0; n < outputs; ++n) {
            const int64_t g = m.group(k);
            const double w = double(m.scales.at(g, n)) * (m.code(n, k) - m.storedZero(g, n) - offset);
            sum += w;
            squares += w * w;
        }
    const double count = double(inputs) * double(outputs);
    return std::fabs(sum / count) / std::sqrt(squares / count); // not a number where all are 0: counts for nothing
}

/// Symmetric matrices have one zero point everywhere, which says it. Others are shifted by a whole step if misread,
/// which shows where steps are large.
ZeroVote zeroVote(const Found& found) {
    constexpr double kShifted = 0.1; // of the weights' root mean square
    const int half = 1 << (found.matrix.codes.bits - 1);
    if (found.zeros.min == half && found.zeros.max == half) return ZeroVote::Plain;
    if (found.zeros.min == half - 1 && found.zeros.max == half - 1) return ZeroVote::OneLess;
    const double plain = lopsidedness(found.matrix, 0), oneLess = lopsidedness(found.matrix, 1);
    if (oneLess > kShifted && plain < 0.5 * oneLess) return ZeroVote::Plain;
    return plain > kShifted && oneLess < 0.5 * plain ? ZeroVote::OneLess : ZeroVote::None;
}

/// Whether zero points are stored plainly: as the folder says, unless its matrices clearly say otherwise. Some tools
/// write one and call it the other (notes/quantization 2.1).
bool hasPlainZeros(const std::vector<Found>& all, bool stated) {
    constexpr std::size_t kAsked = 8; // they all come from one program
    int forIt = 0, against = 0;
    for (std::size_t i = 0; i < std::min(kAsked, all.size()); ++i) {
        const ZeroVote vote = zeroVote(all[i]);
        if (vote != ZeroVote::None) ++((vote == ZeroVote::Plain) == stated ? forIt : against);
    }
    return against > 3 * forIt ? !stated : stated;
}

} // namespace

PackedCheckpoint::PackedCheckpoint(const SafeTensors& weights, const PackedScheme& scheme, const std::string& file) {
    std::vector<Found> all;
    const std::string mark = "." + std::string(packedMark(scheme.packing));
    for (const SafeTensor& tensor : weights.tensors()) {
        if (!tensor.name.ends_with(mark)) continue;
        const std::string module = tensor.name.substr(0, tensor.name.size() - mark.size() + 1);
        PackedMatrix matrix = packedMatrix(weights, scheme, module, file, m_parts);
        const ZeroRange zeros = storedZeros(matrix);
        all.push_back({std::move(matrix), zeros});
    }
    if (all.empty()) return; // whatever the folder says, its weights are plain
    const bool gptq = scheme.packing == Packing::Gptq;
    const bool plain = !gptq || hasPlainZeros(all, scheme.plainZeros);
    std::map<std::string, PackedForm> forms; // by tensorOf()
    for (Found& found : all) {
        found.matrix.zeroOffset = plain ? 0 : 1;
        const PackedForm form = formOf(found.matrix, found.zeros);
        const auto [shared, isNew] = forms.try_emplace(tensorOf(found.matrix.name), form);
        if (!isNew) shared->second = formForBoth(shared->second, form);
    }
    std::map<std::string, std::size_t> losses; // and how many matrices have them
    for (Found& found : all) {
        const PackedForm& form = forms.at(tensorOf(found.matrix.name));
        if (!form.loss.empty()) ++losses[form.loss];
        m_matrices.push_back(rowsOf(std::move(found.matrix), form.format));
    }
    m_notes.push_back("Already made smaller by " + scheme.description() + "." +
                      (losses.empty() ? " Its weights are used exactly as they are." : ""));
    for (const auto& [loss, count] : losses)
        m_notes.push_back(count == all.size() ? loss : loss + format(" (%zu of %zu matrices)", count, all.size()));
    if (gptq && plain != scheme.plainZeros)
        m_notes.push_back(format("Its description says checkpoint_format %s, but its zero points are those of %s: they "
                                 "are read as what they are.",
                                 plain ? "gptq" : "gptq_v2", plain ? "gptq_v2" : "gptq"));
}

} // namespace nibble
