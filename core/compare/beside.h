// Models beside each other: whether they fit into memory at once, and how each is loaded.
#pragma once

#include <memory>
#include <nibble/generate.h>
#include <nibble/inspect.h>
#include <nibble/progress.h>
#include <run/memory_state.h>
#include <span>

namespace nibble {

/// Whether all models are in memory at once, or one after the other.
enum class MemoryOrder { Automatic, Together, OneAfterTheOther };

/// Whether all of them, each with `contextLength` tokens of context, and `moreBytes` fit into memory at once:
/// judgeFit() of the sum.
bool fitTogether(std::span<const ModelInfo> models, int32_t contextLength, int32_t threads, uint64_t moreBytes,
                 uint64_t availableBytes = memoryForModels());

/// On the processor, whatever fits on a card: all models alike.
std::unique_ptr<Session> loadBeside(const ModelInfo& model, int32_t contextLength, int32_t threads,
                                    const ProgressFn& progress, const std::stop_token& stop);

/// inspectModel(), and an Error{Unsupported} where the model cannot be run.
ModelInfo inspectToRun(const std::filesystem::path& model);

/// At most what each of the models has, where it says so.
int32_t contextWithin(std::span<const ModelInfo> models, int64_t wanted);

} // namespace nibble
