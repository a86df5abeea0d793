// Speed of a Vulkan device's matrix products, per weight format and choice of kernel: to find the ProductTuning of a
// device (core/compute/vulkan/products.cpp). Needs the device; its driver measures nothing, the clock does.
//     vulkan_kernels [--rows 14336] [--cols 4096] [--tokens 512] [--megabytes 2000] [format ...]
// One token's weights are read from that many megabytes of copies: more than the caches hold, as in a model. Each
// product waits for the one before, as in a model.
#include "arguments.h"

#include <chrono>
#include <compute/vulkan/record_products.h>
#include <cstdio>
#include <functional>
#include <nibble/error.h>

using namespace nibble;

namespace {

struct Options {
    int rows = 14336, cols = 4096, tokens = 512, megabytes = 2000;
    std::vector<std::string> formatNames;
};

/// Seconds of one call: the best of repeats that take a fifth of a second together.
double bestSeconds(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    double best = 1e9, total = 0;
    work(); // compiles
    for (int i = 0; i < 3 || total < 0.2; ++i) {
        const auto start = Clock::now();
        work();
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        best = std::min(best, seconds);
        total += seconds;
    }
    return best;
}

/// Copies of one matrix whose weights are all zero: the time does not depend on them.
class Measurement {
public:
    Measurement(Gpu& gpu, Recorder& recorder, const Options& o, const Format& f)
        : m_recorder(recorder), m_options(o), m_layout(gpuLayout(f, o.rows, o.cols, gpu.maxRange())),
          m_memory(gpu, GpuMemory::Device, uint64_t(256) << 20) {
        const auto copies = std::max<uint64_t>(1, (uint64_t(o.megabytes) << 20) / m_layout.bytes);
        for (uint64_t i = 0; i < copies; ++i) {
            m_weights.push_back(m_memory.allocate(m_layout.bytes, "weights"));
            m_weights.back().constant = true;
        }
        m_in = m_memory.allocate(uint64_t(o.tokens) * uint64_t(o.cols) * 4, "in");
        m_out = m_memory.allocate(uint64_t(o.tokens) * uint64_t(o.rows) * 4, "out");
        const HalvesPlan halves = planHalves(o.tokens, o.cols);
        m_scratch = m_memory.allocate(halves.at + halves.bytes, "scratch");
    }
    uint64_t bytes() const { return m_layout.bytes; }

    /// Seconds of one product.
    double seconds(const ProductTuning& tuning, int64_t tokens) {
        const std::size_t n = tokens <= kMatvecTokens ? m_weights.size() : std::min<std::size_t>(4, m_weights.size());
        const GpuRows in{m_in, 0, uint32_t(m_options.cols), uint32_t(tokens)};
        const GpuRows out{m_out, 0, uint32_t(m_options.rows), uint32_t(tokens)};
        return bestSeconds([&] {
                   m_recorder.begin(false);
                   bool quantized = false;
                   for (std::size_t i = 0; i < n; ++i) {
                       const GpuProduct p{&m_layout, m_weights[i], out, {}, {}};
                       quantized =
                           recordProducts(m_recorder, tuning, in, m_options.cols, m_scratch, quantized, {&p, 1});
                   }
                   m_recorder.finish();
               }) /
               double(n);
    }

private:
    Recorder& m_recorder;
    const Options& m_options;
    GpuLayout m_layout;
    GpuArena m_memory;
    std::vector<Range> m_weights;
    Range m_in, m_out, m_scratch;
};

void measureMatvec(Measurement& m, const Format& f, ProductTuning tuning, int64_t tokens) {
    for (uint32_t lanes : {32u, 64u, 128u, 256u})
        for (uint32_t rows : {1u, 2u, 4u, 8u}) {
            tuning.lanes = lanes;
            tuning.rowsOfOne = tuning.rowsOfMany = rows;
            const double seconds = m.seconds(tuning, tokens);
            std::printf("%-8s %lld tokens, %3u lanes, %u rows: %8.1f us %8.1f GB/s\n", f.name, (long long)tokens, lanes,
                        rows, seconds * 1e6, double(m.bytes()) / seconds / 1e9);
            std::fflush(stdout);
        }
}

void measureMatrix(Measurement& m, const Options& o, const Format& f, ProductTuning tuning) {
    for (const MatrixTile& tile : kMatrixTiles) {
        tuning.matrixTile = &tile;
        const double seconds = m.seconds(tuning, o.tokens);
        std::printf("%-8s %d tokens, matrix tile %3u x %3u, grid %u x %u, depth %u: %8.3f ms %8.2f TMAC/s\n", f.name,
                    o.tokens, tile.rows, tile.tokens, tile.gridRows, tile.gridTokens, tile.depth, seconds * 1e3,
                    double(o.rows) * double(o.cols) * double(o.tokens) / seconds / 1e12);
        std::fflush(stdout);
    }
}

void measureMatmul(Measurement& m, const Options& o, const Format& f, ProductTuning tuning) {
    for (const TileShape& tile :
         {TileShape{64, 64, 4, 4, 1}, TileShape{64, 64, 4, 4, 2}, TileShape{64, 64, 8, 4, 2},
          TileShape{128, 64, 8, 4, 2}, TileShape{128, 128, 8, 8, 1}, TileShape{128, 128, 8, 8, 2},
          TileShape{128, 128, 8, 4, 2}, TileShape{32, 32, 4, 2, 2}}) {
        tuning.large = tuning.small = tile;
        const double seconds = m.seconds(tuning, o.tokens);
        std::printf("%-8s %d tokens, tile %3u x %3u, lane %u x %u, depth %u: %8.2f ms %8.2f TMAC/s\n", f.name, o.tokens,
                    tile.rows, tile.tokens, tile.laneRows, tile.laneTokens, tile.depth, seconds * 1e3,
                    double(o.rows) * double(o.cols) * double(o.tokens) / seconds / 1e12);
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char** argv) try {
    Options o;
    readArguments(argc, argv,
                  {{"--rows", &o.rows}, {"--cols", &o.cols}, {"--tokens", &o.tokens}, {"--megabytes", &o.megabytes}},
                  o.formatNames);
    const auto instance = Instance::open();
    const auto devices = instance->devices();
    if (devices.empty() || !devices[0].info.usable) throw Error(ErrorKind::NotFound, "No usable Vulkan device.");
    VulkanOptions options;
    options.integerDot = IntegerDot::WhereOffered;
    options.matrixUnits = true;
    Gpu gpu(instance, devices[0], options);
    Pipelines pipelines(gpu);
    Recorder recorder(gpu, pipelines);
    const VulkanDevice& card = gpu.physical().info;
    ProductTuning tuning = productTuning(gpu);
    std::printf("%s, %s, %d x %d%s\n", card.name.c_str(), card.driver.c_str(), o.rows, o.cols,
                gpu.integerDot() ? ", integer dot" : "");
    for (const Format* f : formats()) {
        if (!isWanted(o.formatNames, f->name) || o.cols % f->blockSize != 0) continue;
        Measurement m(gpu, recorder, o, *f);
        measureMatvec(m, *f, tuning, 1);
        if (tuning.matrixLanes) measureMatrix(m, o, *f, tuning);
        tuning.matrixLanes = 0;
        if (!tuning.registerTiles) measureMatmul(m, o, *f, tuning);
    }
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
