#include "../commands.h"
#include "../terminal.h"

#include <cctype>
#include <charconv>
#include <map>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
    QuantizeOptions quantize;
    int bits = 0;
    bool dryRun = false, scales = false, noScales = false;
    std::string care = kCareNames[0];
    std::string size;
};

/// "100MB", "1.2 GB", "95.5MiB" or a number of bytes.
uint64_t bytesOf(const std::string& text) {
    static constexpr std::pair<const char*, double> kUnits[] = {
        {"", 1}, {"b", 1}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"kib", 0x1p10}, {"mib", 0x1p20}, {"gib", 0x1p30}};
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string unit;
    for (const char* c = end; c < text.data() + text.size(); ++c)
        if (*c != ' ') unit += char(std::tolower(static_cast<unsigned char>(*c)));
    for (const auto& [name, bytes] : kUnits)
        if (error == std::errc() && unit == name && number > 0 && number * bytes < 1e15)
            return uint64_t(number * bytes);
    throw Error(ErrorKind::BadRequest, "This is not a size: " + safe(text), "--size", "Write it like 100MB or 1.2GB.");
}

std::string recipeOfBits(int bits) {
    for (const RecipeInfo& recipe : recipes())
        if (recipe.stop == bits) return recipe.name;
    throw Error(ErrorKind::BadRequest, "There is no recipe for " + std::to_string(bits) + " bits.", "--bits",
                "Choose 8, 6, 5, 4 or 3, or name a recipe with --recipe.");
}

/// "SmolLM2-135M-Instruct-Q4_K_M.gguf" beside the source: its name without the format that it is stored in.
fs::path proposedOutput(const QuantizeOptions& options, const std::string& size, bool isFolder) {
    const ModelInfo info = inspectModel(options.source);
    auto [folder, stem] = placeOf(options.source);
    for (const char separator : {'-', '.', '_'}) {
        const std::string suffix = separator + info.formatName;
        if (stem.size() <= suffix.size()) continue;
        const std::string end = stem.substr(stem.size() - suffix.size());
        const bool same = std::equal(end.begin(), end.end(), suffix.begin(),
                                     [](char a, char b) { return std::tolower(a) == std::tolower(b); });
        if (same) {
            stem.resize(stem.size() - suffix.size());
            break;
        }
    }
    std::string end = options.recipe == "AS-IS" ? info.formatName : options.recipe;
    if (!size.empty()) end = size;
    if (!options.size.ofRecipe.empty()) end = options.size.ofRecipe + "-size";
    return folder / (stem + "-" + end + (isFolder ? "" : ".gguf"));
}

void printPlan(const QuantizePlan& plan) {
    Table table("lllrrl");
    table.add({"tensor", "from", "to", "before", "after", ""});
    table.rule();
    for (const PlannedTensor& tensor : plan.tensors)
        table.add({safe(tensor.name), tensor.from, tensor.to, humanBytes(tensor.bytesBefore),
                   humanBytes(tensor.bytesAfter), tensor.reason});
    table.print(stdout);
}

/// What a mixture gives to each kind of matrix: "ffn_down   Q4_K in 20 layers, Q6_K in 10".
void printMixture(const QuantizePlan& plan) {
    std::vector<std::string> order;
    std::map<std::string, std::map<std::string, int>> kinds;
    for (const PlannedTensor& tensor : plan.tensors) {
        if (tensor.shape.size() < 2) continue;
        const bool layer = tensor.name.starts_with("blk.");
        const std::string kind = layer ? tensor.name.substr(tensor.name.find('.', 4) + 1) : tensor.name;
        if (!kinds.contains(kind)) order.push_back(kind);
        ++kinds[kind][tensor.to];
    }
    Table table("ll");
    for (const std::string& kind : order) {
        std::string formats;
        for (const auto& [name, count] : kinds[kind]) {
            formats += (formats.empty() ? "" : ", ") + name;
            if (kinds[kind].size() > 1) formats += " in " + std::to_string(count);
        }
        table.add({safe(kind), formats});
    }
    table.print(stdout);
}

void printSizes(const QuantizePlan& plan, const char* verb) {
    std::printf("%s as %s: %s instead of %s (%.0f %% of the size, %.2f bits per weight)\n", verb, plan.recipe.c_str(),
                humanBytes(plan.fileBytes).c_str(), humanBytes(plan.sourceBytes).c_str(),
                100.0 * double(plan.fileBytes) / double(std::max<uint64_t>(plan.sourceBytes, 1)), plan.bitsPerWeight);
}

void printMemory(const QuantizePlan& plan) {
    std::printf("Making it takes up to %s of memory; the original itself stays on the disk.\n",
                humanBytes(plan.peakMemoryBytes).c_str());
}

void printHowToServe(const fs::path& folder) {
    std::printf("\nServe it with vLLM (resources/docs/serving.md in Nibble's source says more, also for Kubernetes):\n"
                "  vllm serve '%s' --served-model-name my-model --max-model-len 8192\n"
                "Programs with transformers load it, too (pip install transformers optimum gptqmodel).\n",
                safe(folder.string()).c_str());
}

void run(Options options, bool asJson) {
    QuantizeOptions& quantize = options.quantize;
    if (options.bits != 0) quantize.recipe = recipeOfBits(options.bits);
    quantize.care = careOf(options.care);
    if (options.scales || options.noScales) quantize.scales = options.scales;
    if (!options.size.empty()) quantize.size.bytes = bytesOf(options.size);
    const QuantizePlan plan = planQuantize(quantize); // every fault that can be seen beforehand is seen here
    quantize.recipe = plan.recipe;
    const bool proposed = quantize.output.empty();
    if (proposed) quantize.output = proposedOutput(quantize, options.size, plan.isFolder);
    if (options.dryRun) {
        if (asJson) return printJson(toJson(plan));
        printPlan(plan);
        printSizes(plan, "\nWould be written");
        printMemory(plan);
        if (quantize.size.measured()) std::printf("The formats are a guess: they are chosen by measuring the model.\n");
        return;
    }
    if ((!quantize.overwrite || plan.isFolder) && fs::exists(quantize.output))
        throw Error(ErrorKind::BadRequest,
                    plan.isFolder ? "The folder is there already." : "The file is there already.",
                    quantize.output.string(),
                    plan.isFolder ? "Name another one with --output; folders are never replaced."
                                  : "Name another one with --output, or replace it with --overwrite.");
    if (proposed && !asJson) std::printf("No --output given: writing %s\n", safe(quantize.output.string()).c_str());

    if (!asJson) printMemory(plan);

    if (const int32_t finished = finishedTensors(quantize); finished > 0 && !asJson)
        std::printf("An earlier try was interrupted: continues at tensor %d of %zu.\n", finished + 1,
                    plan.tensors.size());
    Interrupts::Job job;
    ProgressLine line;
    const QuantizeReport report = quantizeModel(quantize, line.callback(), job.token());
    line.clear();
    if (asJson) return printJson(toJson(report));
    if (quantize.size.given()) printMixture(report.plan);
    printSizes(report.plan, "Written");
    if (report.plan.measuredDivergence)
        std::printf("Loses about %.4f nats a token on the sample text; with --care careful less.\n",
                    *report.plan.measuredDivergence);
    std::printf("%s\nin %s. See what it costs: nibble-cli compare ORIGINAL SMALLER\n",
                safe(report.output.string()).c_str(), humanSeconds(report.seconds).c_str());
    if (report.plan.isFolder) printHowToServe(report.output);
}

} // namespace

ModelPlace placeOf(const fs::path& model) {
    fs::path path = fs::absolute(model).lexically_normal();
    if (!path.has_filename()) path = path.parent_path(); // "folder/"
    if (path.filename() == "model.safetensors" || path.filename() == "config.json") path = path.parent_path();
    return {path.parent_path(), (fs::is_directory(path) ? path.filename() : path.stem()).string()};
}

void addQuantize(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "quantize", "Make a model smaller",
                "  nibble-cli quantize SmolLM2-135M-Instruct              to 4 bits, beside the original\n"
                "  nibble-cli quantize SmolLM2-135M-Instruct --bits 8     almost identical, half the size\n"
                "  nibble-cli quantize SmolLM2-135M-Instruct --care better    takes longer, loses less\n"
                "  nibble-cli quantize MODEL --size 100MB                 the best file of at most this size\n"
                "  nibble-cli quantize model-F16.gguf --recipe IQ4_XS -o small.gguf\n"
                "  nibble-cli quantize Model-GPTQ --recipe as-is          the same weights as one GGUF file\n"
                "  nibble-cli quantize MODEL --recipe gptq-4bit --care careful   a folder for servers with vLLM\n"
                "  nibble-cli quantize MODEL --plan                       only show what would be done\n\n"
                "--care quick    rounds each number by itself\n"
                "--care better   first lets the original read a text, and keeps most exact what matters there\n"
                "--care careful  also lets numbers make up for each other's rounding (GPTQ)");
    auto options = std::make_shared<Options>();
    QuantizeOptions& quantize = options->quantize;
    verb->add_option("model", quantize.source, "A .gguf file or a Hugging Face folder")->required();
    verb->add_option("-o,--output", quantize.output,
                     "The file or folder to write (default: a name beside the original)");
    auto* bits = verb->add_option("-b,--bits", options->bits, "8, 6, 5, 4 or 3 bits: fewer is smaller and less exact");
    verb->add_option("-r,--recipe", quantize.recipe, "A recipe by its name (see: nibble-cli recipes)")
        ->capture_default_str()
        ->excludes(bits);
    auto* size = verb->add_option("--size", options->size,
                                  "At most this large (100MB, 1.2GB): each matrix gets the format that suits it");
    auto* sizeOf =
        verb->add_option("--size-of", quantize.size.ofRecipe, "The same, at most as large as by this recipe");
    auto* like = verb->add_option("--formats-of", quantize.size.asFile,
                                  "The same formats as in this .gguf file of the same model");
    verb->add_option(
            "--finer-layers", quantize.size.finerLayers,
            "But about one bit a weight more in these layers (\"nibble-cli layers\" says where that gains most)")
        ->delimiter(',')
        ->needs(like);
    size->excludes(sizeOf, like, bits);
    sizeOf->excludes(like, bits);
    like->excludes(bits);
    verb->add_option("--care", options->care, "How much the model is studied before: more takes longer and loses less")
        ->check(CLI::IsMember(std::vector<std::string>(std::begin(kCareNames), std::end(kCareNames))))
        ->capture_default_str();
    auto* scales = verb->add_flag(
        "--awq", options->scales,
        "Also scale the inputs of matrices so that rounding costs least (careful files do, from 5 bits on)");
    verb->add_flag("--no-awq", options->noScales, "Do not")->excludes(scales);
    verb->add_option(
        "--sample-text", quantize.calibration.text,
        "A text file for that, like what the model will be used for (default: one that comes with Nibble)");
    verb->add_option("--importance", quantize.importance,
                     "What 'calibrate' or llama-imatrix measured before, instead of measuring");
    verb->add_flag("--plan", options->dryRun, "Show what would be done to each tensor, and stop there");
    verb->add_flag("--overwrite", quantize.overwrite, "Replace the output if it is there");
    verb->add_flag("--allow-requantize", quantize.allowRequantize,
                   "Start from a model that was made smaller before (it loses quality twice)");
    verb->add_option("-t,--threads", quantize.threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
