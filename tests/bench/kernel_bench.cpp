// Speed of a backend's kernels, per weight format: GB/s of weights for one token, G multiply-adds/s for a batch.
//     kernel_bench [--threads 2] [--level avx2 | --vulkan] [--rows 1536] [--cols 576] [--tokens 512] [--megabytes 96]
//                  [--heads 9] [--kv-heads 3] [--head-dim 64] [format ... | attention]
// One token's weights are read from that many megabytes of copies: more than the caches hold, as in a model.
#include "../compute/random_weights.h"
#include "arguments.h"

#include <base/thread_pool.h>
#include <compute/vulkan/vulkan.h>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <utility>

using namespace nibble;

namespace {

struct Options {
    int threads = 2, rows = 1536, cols = 576, tokens = 512, megabytes = 96;
    int heads = 9, kvHeads = 3, headDim = 64;
    bool vulkan = false; // the first card, with all that it offers
    CpuLevel level = bestCpuLevel();
    std::vector<std::string> formatNames;
};

Options readOptions(int argc, char** argv) {
    Options o;
    std::vector<std::string> rest;
    readArguments(argc, argv,
                  {{"--threads", &o.threads},
                   {"--rows", &o.rows},
                   {"--cols", &o.cols},
                   {"--tokens", &o.tokens},
                   {"--megabytes", &o.megabytes},
                   {"--heads", &o.heads},
                   {"--kv-heads", &o.kvHeads},
                   {"--head-dim", &o.headDim}},
                  rest);
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == "--vulkan")
            o.vulkan = true;
        else if (rest[i] == "--level" && i + 1 < rest.size()) {
            const std::string& name = rest[++i];
            for (CpuLevel level : supportedLevels())
                if (name == cpuLevelName(level)) o.level = level;
        } else
            o.formatNames.push_back(rest[i]);
    }
    return o;
}

/// With one thread the thread's own time, which other programs on the machine do not lengthen; else the clock's.
double now(int threads) {
    timespec t;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

/// Seconds of one call: the best of repeats that take half a second together.
double bestSeconds(int threads, const std::function<void()>& work) {
    double best = 1e9, total = 0;
    for (int i = 0; i < 5 || total < 0.5; ++i) {
        const double start = now(threads);
        work();
        const double seconds = now(threads) - start;
        best = std::min(best, seconds);
        total += seconds;
    }
    return best;
}

std::unique_ptr<Backend> makeBackend(const Options& o, ThreadPool& pool) {
    if (!o.vulkan) return makeCpuBackend(pool, o.level);
    VulkanOptions options;
    options.integerDot = IntegerDot::WhereOffered;
    options.matrixUnits = true;
    return makeVulkanBackend(pool, options);
}

void measureProduct(const Options& o, ThreadPool& pool, const Format& f) {
    if (o.cols % int(f.blockSize) != 0) return;
    Random random(1);
    WeightRows weights = randomWeights(random, f, o.rows, o.cols);
    const auto owner = std::exchange(weights.owner, nullptr); // so that every copy is one
    const auto backend = makeBackend(o, pool);
    const int copies = int(std::max<uint64_t>(1, (uint64_t(o.megabytes) << 20) / weights.bytes()));
    std::vector<WeightId> ids;
    for (int i = 0; i < copies; ++i) ids.push_back(backend->addWeight(weights, WeightUse::Matmul));
    const BufferId in = backend->addBuffer("in", o.tokens, o.cols), out = backend->addBuffer("out", o.tokens, o.rows);
    backend->prepare(o.tokens);
    const auto products = [&](int tokens, int n) {
        backend->begin(0);
        for (int i = 0; i < n; ++i) {
            const Product p{ids[std::size_t(i)], {out, 0, tokens}, {}, {}};
            backend->matmul({in, 0, tokens}, {&p, 1});
        }
        backend->finish();
    };
    const double one = bestSeconds(o.threads, [&] { products(1, copies); }) / copies;
    const double many = bestSeconds(o.threads, [&] { products(o.tokens, 1); });
    const double bytes = double(backend->memory().weights) / copies;
    std::printf("%-8s %9.1f us %7.1f GB/s %10.2f ms %8.1f GMAC/s\n", f.name, one * 1e6, bytes / one / 1e9, many * 1e3,
                double(o.rows) * o.cols * o.tokens / many / 1e9);
    std::fflush(stdout);
}

void measureAttention(const Options& o, ThreadPool& pool, KvFormat format, int rows, int past) {
    AttentionSpec spec;
    spec.nHeads = o.heads;
    spec.nKvHeads = o.kvHeads;
    spec.keyDim = spec.valueDim = o.headDim;
    spec.scale = 1 / std::sqrt(float(o.headDim));
    const auto backend = makeBackend(o, pool);
    const KvId kv = backend->addKv({rows + past, o.kvHeads, o.headDim, o.headDim, format});
    const BufferId k = backend->addBuffer("k", rows + past, o.kvHeads * o.headDim);
    const BufferId q = backend->addBuffer("q", rows, o.heads * o.headDim);
    const BufferId out = backend->addBuffer("out", rows, o.heads * o.headDim);
    backend->prepare(rows + past);
    backend->begin(0);
    backend->writeKv(kv, {k, 0, rows + past}, {k, 0, rows + past});
    backend->finish();
    const double seconds = bestSeconds(o.threads, [&] {
        backend->begin(past);
        backend->attention(spec, {q, 0, rows}, kv, {out, 0, rows});
        backend->finish();
    });
    const double macs = rows * (past + (rows + 1) / 2.0) * o.heads * 2 * o.headDim;
    std::printf("attention %s, %4d rows after %4d: %9.1f us %8.1f GMAC/s\n", format == KvFormat::F16 ? "f16 " : "q8_0",
                rows, past, seconds * 1e6, macs / seconds / 1e9);
}

} // namespace

int main(int argc, char** argv) {
    const Options o = readOptions(argc, argv);
    ThreadPool pool(o.threads);
    const std::string device = makeBackend(o, pool)->name();
    std::printf("%s, %d threads, %d x %d\n", device.c_str(), o.threads, o.rows, o.cols);
    std::printf("%-8s %12s %12s %13d tokens\n", "format", "1 token", "", o.tokens);
    for (const Format* f : formats()) {
        if (isWanted(o.formatNames, f->name)) measureProduct(o, pool, *f);
    }
    if (!o.formatNames.empty() && o.formatNames[0] != "attention") return 0;
    for (KvFormat format : {KvFormat::F16, KvFormat::Q8_0}) {
        measureAttention(o, pool, format, 512, 0);
        measureAttention(o, pool, format, 1, 64);
        measureAttention(o, pool, format, 1, 512);
        measureAttention(o, pool, format, 1, 4000);
    }
    return 0;
}
