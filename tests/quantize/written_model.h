// A model in memory as a file.
#pragma once

#include <base/thread_pool.h>
#include <quantize/memory_model.h>
#include <quantize/quantize.h>

namespace nibble::test {

inline void writeModel(const MemoryModel& model, const std::filesystem::path& path) {
    ThreadPool pool(2);
    runJob(model, planJob(model, model.metadata(), findRecipe("BF16"), false, 2), {}, path, false, pool, {}, {});
}

} // namespace nibble::test
