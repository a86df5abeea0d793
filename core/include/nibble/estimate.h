// What memory a model will need, and the one verdict on whether it fits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/devices.h>
#include <optional>
#include <string>
#include <vector>

namespace nibble {

/// Another computer than this one: what would it be like there? Bytes, and bytes a second that memory delivers.
struct ImaginedComputer {
    uint64_t cardBytes = 0, memoryBytes = 0; // cardBytes 0: no graphics card
    double cardBytesPerSecond = 0, memoryBytesPerSecond = 0;
};

struct EstimateRequest {
    std::filesystem::path model;
    std::string recipe;                       // "" = the model as it is; "Q4_K_M", ... = as if quantized so
    int32_t contextLength = 0;                // 0: min(4096, the model's)
    std::string kvFormat = "f16";             // "f16" or "q8_0"
    DeviceChoice device;                      // automatic
    bool precise = false;                     // as LoadOptions::precise
    int32_t threads = 0;                      // 0: one per physical core
    std::optional<ImaginedComputer> imagined; // instead of this computer; then only device.gpuLayers counts
};

enum class Fit { Fits, FitsPartly, DoesNotFit };

/// Judged from the estimate and a device's free memory, by judgeFit() alone: badge, page, CLI and loading all ask it.
struct FitVerdict {
    Fit fit = Fit::DoesNotFit;
    int32_t layersOnGpu = 0, layers = 0; // of the split that fits
    int64_t spareBytes = 0;              // free memory left; negative: missing
    bool tight = false;                  // fits, with less than 10 % or 512 MiB to spare
    std::string sentence;                // "Fits, with 3.1 GB to spare"
};

/// How fast a model can write. Every token reads all weights and the conversation once, so memory decides:
/// 1 / (bytes on the card / its speed + bytes in memory / the processor's speed).
struct Forecast {
    double tokensPerSecond = 0; // at most, at half the context; 0: the speeds are not known
    std::string formula;        // with the numbers in it
};

struct Estimate {
    int32_t contextLength = 0;
    uint64_t fileBytes = 0; // on disk, exact also for a recipe
    uint64_t weightBytes = 0, kvBytes = 0, activationBytes = 0, scratchBytes = 0, totalBytes = 0; // in memory
    uint64_t fileRowBytes = 0;        // of a table so large that its rows are read from the file: not in totalBytes
    uint64_t gpuBytes = 0;            // of totalBytes, on the graphics card
    std::string device, deviceReason; // id of what the model would run on; why not (all) on a graphics card, or ""
    double bitsPerWeight = 0;
    double decodeMacsPerToken = 0, decodeBytesPerToken = 0; // from the dry backend at half the context
    Forecast forecast;
    FitVerdict verdict;
};

Estimate estimateModel(const EstimateRequest& request);
/// Memory that is needed and that is there, the desktop's share already kept back.
struct MemoryQuestion {
    uint64_t neededBytes = 0, availableBytes = 0;
};
/// The one verdict, for a model of which `layersOnGpu` of `layers` layers lie in a graphics card's own memory.
FitVerdict judgeFit(MemoryQuestion memory, int32_t layers, MemoryQuestion card = {}, int32_t layersOnGpu = 0);

} // namespace nibble
