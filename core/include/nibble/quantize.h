// Making a model smaller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nibble/progress.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

/// One of the mixtures Nibble writes.
struct RecipeInfo {
    std::string name;     // "Q4_K_M"
    int32_t stop;         // 8, 6, 5, 4, 3 on the window's slider; 0: only by name
    std::string label;    // "Good balance"
    std::string sentence; // "30 % of the size; small slips possible"
    double nominalBits;   // typical bits per weight
};
/// All recipes for GGUF files, most bits first.
std::span<const RecipeInfo> recipes();
/// Those for Hugging Face folders that servers load: "GPTQ-4bit", "GPTQ-8bit", "AWQ-4bit". Weights share a scale in
/// groups of 128, or of 64 or 32 where rows do not divide; a group of one's choice follows the name: "GPTQ-4bit-32".
std::span<const RecipeInfo> folderRecipes();

/// Which text tells what matters in a model.
struct CalibrationOptions {
    std::filesystem::path text; // plain text in UTF-8; empty: the one that comes with Nibble
    int32_t tokens = 20000;     // at most
};

/// How much is learned of a model before its weights are rounded. Anything but quick takes a model that Nibble can run.
enum class Care : uint8_t {
    Quick,   // nothing: every weight becomes the nearest code
    Better,  // the original reads a text, and what matters there is kept most exact (an importance matrix)
    Careful, // and weights make up for each other's errors (GPTQ, then coordinate descent): slow, loses least
};

/// The names of Care's values, as users write them.
inline constexpr const char* kCareNames[] = {"quick", "better", "careful"};
/// Throws Error{BadRequest} for another name.
Care careOf(std::string_view name);

/// How large the file may be, instead of a recipe. At most one is given.
struct SizeTarget {
    uint64_t bytes = 0;           // at most; 0: not given
    std::string ofRecipe;         // at most what this recipe would take
    std::filesystem::path asFile; // .gguf of the same model: each tensor gets the format that it has in this file
    /// But those of these layers finer ones, of about one bit a weight more; numbers as in nibble/layer_costs.h.
    std::vector<int32_t> finerLayers;
    bool given() const { return bytes > 0 || !ofRecipe.empty() || !asFile.empty(); }
    /// Each tensor's format is found by measuring what rounding costs, which takes a model that Nibble can run.
    bool measured() const { return bytes > 0 || !ofRecipe.empty(); }
};

struct QuantizeOptions {
    std::filesystem::path source;  // HF folder or GGUF
    std::filesystem::path output;  // .gguf, or a new folder
    std::string recipe = "Q4_K_M"; // also "F16", "BF16", "AS-IS": only write a GGUF file; unless a size is given
    SizeTarget size;
    int32_t threads = 0;          // 0: one per physical core
    bool allowRequantize = false; // a quantized source loses quality twice: refused unless asked for
    bool overwrite = false;
    Care care = Care::Quick;
    /// Also scale the inputs' channels, which changes norms and nothing that the model computes (AWQ, SmoothQuant).
    /// None: careful jobs do that write a file, where matrices have 5 bits or more.
    std::optional<bool> scales;
    CalibrationOptions calibration;   // unless quick without scales
    std::filesystem::path importance; // what calibrate() or llama-imatrix measured before, instead of measuring now
    /// Asked when quantizeModel() was stopped: whether it may be continued later, as after a kill. Without: no.
    std::function<bool()> keepWhenStopped;
};

struct PlannedTensor {
    std::string name, from, to;
    std::vector<int64_t> shape;
    uint64_t bytesBefore = 0, bytesAfter = 0;
    std::string reason; // why `to` is not the recipe's default; empty otherwise
};

struct QuantizePlan {
    std::string recipe;
    bool isFolder = false; // a Hugging Face folder; its tensors have that folder's names
    std::vector<PlannedTensor> tensors;
    uint64_t fileBytes = 0, sourceBytes = 0; // of the whole files of weights, exact
    uint64_t peakMemoryBytes = 0;            // allocated; beside it the source is mapped
    double bitsPerWeight = 0;
    /// Of a mixture found for a size: its mean KL divergence from the original on the calibration text, each number
    /// rounded by itself; nats a token. None while the formats are a guess, before that was measured.
    std::optional<double> measuredDivergence;
};
/// What quantize() would do. Throws Error{BadRequest} for an unknown recipe, a quantized source without the yes, and a
/// size that the model cannot have (saying the smallest one).
QuantizePlan planQuantize(const QuantizeOptions& options);

struct QuantizeReport {
    std::filesystem::path output;
    QuantizePlan plan;
    double seconds = 0;
    int32_t continuedAt = 0; // tensors that an earlier try had finished
};
/// Streams tensor by tensor in row chunks; bounded memory. The output appears when it is complete, or not at all. A job
/// that was killed is continued: what it had measured and finished lies in a hidden folder beside the output and is
/// used where options and files are the same; the result is the same to the last bit. Of a folder only what was
/// measured is used again, and a folder that is there is never replaced. Stopped and failed jobs leave nothing. Throws
/// Error{BadRequest} where another job is writing to this output.
QuantizeReport quantizeModel(const QuantizeOptions& options, const ProgressFn& progress = {},
                             std::stop_token stop = {});

/// How many tensors of this very job a killed one has finished, as far as can be told without reading them.
int32_t finishedTensors(const QuantizeOptions& options);

/// A job that was killed and that nobody has continued.
struct UnfinishedQuantize {
    std::filesystem::path output, source, sampleText; // sampleText: empty where it is the one that comes with Nibble
    std::string recipe, care, sizeOf;                 // recipe: empty where a size or formatsOf was given
    uint64_t size = 0;                                // asked for, in bytes; 0: none
    std::filesystem::path formatsOf;                  // SizeTarget::asFile, and
    std::vector<int32_t> finerLayers;
    int32_t tensors = 0, finishedTensors = 0;
    /// Recipe, care, text, formatsOf and finerLayers are all that was asked for: with these it goes on.
    bool plain = false;
};
/// Those whose output would lie in `folder`.
std::vector<UnfinishedQuantize> listUnfinished(const std::filesystem::path& folder);
/// Removes what such a job left. Throws Error{NotFound} where there is none, and Error{BadRequest} while it runs.
void discardUnfinished(const std::filesystem::path& output);

struct CalibrateOptions {
    std::filesystem::path source; // HF folder or GGUF, better an original than a smaller model
    std::filesystem::path output; // .gguf, in the form of llama-imatrix
    CalibrationOptions calibration;
    int32_t threads = 0;
    bool overwrite = false;
    bool sensitivities = false; // also measure what rounding each matrix costs, which files of a given size need
};
struct CalibrateReport {
    std::filesystem::path output;
    int64_t tensors = 0, tokens = 0; // measured, read
    double seconds = 0;
};
/// Measures how large the inputs of a model's matrices are on a text, for QuantizeOptions::importance.
CalibrateReport calibrateModel(const CalibrateOptions& options, const ProgressFn& progress = {},
                               std::stop_token stop = {});

} // namespace nibble
