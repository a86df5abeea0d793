// What memory a model will need, and the one verdict on whether it fits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/devices.h>
#include <string>
#include <vector>

namespace nibble {

struct EstimateRequest {
    std::filesystem::path model;
    std::string recipe;           // "" = the model as it is; "Q4_K_M", ... = as if quantized so
    int32_t contextLength = 0;    // 0: min(4096, the model's)
    std::string kvFormat = "f16"; // "f16" or "q8_0"
    int32_t gpuLayers = -1;       // -1: automatic
    int32_t threads = 0;          // 0: one per physical core
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

struct Estimate {
    int32_t contextLength = 0;
    uint64_t fileBytes = 0; // on disk, exact also for a recipe
    uint64_t weightBytes = 0, kvBytes = 0, activationBytes = 0, scratchBytes = 0, totalBytes = 0; // in memory
    double bitsPerWeight = 0;
    double decodeMacsPerToken = 0, decodeBytesPerToken = 0; // from the dry backend at half the context
    FitVerdict verdict; // on the CPU's free memory (and the GPU's, once there is one)
};

Estimate estimateModel(const EstimateRequest& request);
/// The one verdict. `availableBytes`: free memory of the device, desktop's share already kept back.
FitVerdict judgeFit(uint64_t neededBytes, uint64_t availableBytes, int32_t layers);

} // namespace nibble
