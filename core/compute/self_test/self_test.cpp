#include <algorithm>
#include <array>
#include <base/clock.h>
#include <base/progress.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <compute/self_test/operation_checks.h>
#include <compute/self_test/self_test.h>
#include <nibble/error.h>

namespace nibble {

namespace {

/// Each way of decoding: what a format adds to it is tested without experts.
constexpr FormatId kFormatsOfExperts[] = {FormatId::Q4_K, FormatId::Q6_K, FormatId::MXFP4, FormatId::BF16};

class CardTest {
public:
    CardTest(ThreadPool& pool, const VulkanDevice& card, const VulkanOptions& options, const ProgressFn& progress,
             const std::stop_token& stop)
        : m_pool(pool), m_offersDot(card.integerDot), m_offersMatrices(card.matrixUnits), m_options(options),
          m_stop(stop),
          m_meter(progress, stop, "Testing the graphics card",
                  double(operationChecks().size() + formats().size() + std::size(kFormatsOfExperts) + 2)) {}

    SelfTest run() {
        for (const OperationCheck& check : operationChecks()) {
            m_meter.update(m_done++, check.what);
            compare({check.what}, check.run(*reference()), check.run);
        }
        for (const Format* f : formats()) {
            m_meter.update(m_done++, f->name);
            const auto products = [f](Backend& b) { return runFormatCheck(b, f->id); };
            const std::vector<float> expected = products(*reference());
            const std::string name = f->name;
            compare({name, NeededBy::Format, f->id}, expected, products);
            if (f->codeBits == 0) continue;
            const KernelCheck dot{name + ", integer dot products", NeededBy::Format, f->id, true};
            if (m_offersDot) compare(dot, expected, products);
            const KernelCheck units{name + ", matrix units", NeededBy::Format, f->id, false, true};
            if (m_offersMatrices) compare(units, expected, products);
        }
        for (const FormatId id : kFormatsOfExperts) {
            const std::string name = std::string("experts, ") + format(id).name;
            m_meter.update(m_done++, name);
            const auto experts = [id](Backend& b) { return runExpertsCheck(b, id); };
            const std::vector<float> expected = experts(*reference());
            compare({name, NeededBy::Experts, id}, expected, experts);
            const KernelCheck dot{name + ", integer dot products", NeededBy::Experts, id, true};
            if (m_offersDot && format(id).codeBits > 0) compare(dot, expected, experts);
        }
        m_meter.update(m_done++, "recurrent layers");
        compare({"recurrent layers", NeededBy::Recurrent}, runRecurrentCheck(*reference()), runRecurrentCheck);
        m_meter.update(m_done++, "speed");
        if (!m_test.failure()) measure();
        m_meter.finish();
        return std::move(m_test);
    }

private:
    std::unique_ptr<Backend> reference() { return makeCpuBackend(m_pool, CpuLevel::Scalar); }
    std::unique_ptr<Backend> card(bool integerDot, bool matrixUnits) {
        m_options.integerDot = integerDot ? IntegerDot::WhereOffered : IntegerDot::Never;
        m_options.matrixUnits = matrixUnits;
        return makeVulkanBackend(m_pool, m_options);
    }

    template<class Run>
    void compare(KernelCheck check, const std::vector<float>& expected, const Run& run) {
        // One device for all checks of a kind: opening one takes some drivers half a second. Not after a failure.
        std::unique_ptr<Backend>& opened = m_opened[check.integerDot ? 1 : check.matrixUnits ? 2 : 0];
        check.problem = problemOf([&] {
            std::unique_ptr<Backend> backend = opened ? std::move(opened) : card(check.integerDot, check.matrixUnits);
            check.error = nmse(run(*backend), expected);
            opened = std::move(backend);
            // NaN is wrong as well.
            return check.error <= kLargestError ? "" : format("Wrong results (error %.1e).", check.error);
        });
        m_test.checks.push_back(std::move(check));
    }

    /// Integer dot products are worth it where none is wrong, and reading and writing are not slower for them; matrix
    /// units where reading is not slower.
    void measure() {
        const auto right = [this](bool KernelCheck::*with) {
            return std::ranges::none_of(m_test.checks,
                                        [&](const KernelCheck& c) { return c.*with && !c.problem.empty(); });
        };
        KernelCheck check{"speed"};
        m_opened = {};
        check.problem = problemOf([&] {
            m_test.card = measureSpeed(*card(false, false), m_stop);
            if (m_offersDot && right(&KernelCheck::integerDot)) {
                const ComputeSpeed dot = measureSpeed(*card(true, false), m_stop);
                m_test.integerDot = dot.macs / m_test.card.macs * dot.weightBytes / m_test.card.weightBytes >= 1;
                if (m_test.integerDot) m_test.card = dot;
            }
            if (m_offersMatrices && right(&KernelCheck::matrixUnits)) {
                const ComputeSpeed units = measureSpeed(*card(m_test.integerDot, true), m_stop);
                m_test.matrixUnits = units.macs >= m_test.card.macs;
                if (m_test.matrixUnits) m_test.card.macs = units.macs;
            }
            m_test.processor = measureSpeed(*makeCpuBackend(m_pool), m_stop);
            return std::string();
        });
        m_test.checks.push_back(std::move(check));
    }

    template<class Run>
    static std::string problemOf(const Run& run) {
        try {
            return run();
        } catch (const Error& e) {
            if (e.kind == ErrorKind::NotFound || e.kind == ErrorKind::Canceled) throw;
            return e.message + (e.detail.empty() ? "" : " " + e.detail);
        }
    }

    ThreadPool& m_pool;
    bool m_offersDot, m_offersMatrices;
    VulkanOptions m_options;
    std::array<std::unique_ptr<Backend>, 3> m_opened; // plain, with integer dot products, with matrix units
    std::stop_token m_stop;
    ProgressMeter m_meter;
    int m_done = 0;
    SelfTest m_test;
};

} // namespace

// Of four-bit products as large as those of a model of some billion weights.
ComputeSpeed measureSpeed(Backend& backend, const std::stop_token& stop) {
    constexpr int32_t kSize = 4096, kMatrices = 8, kPrompt = 64, kPromptMatrices = 2;
    WeightRows matrix = randomMatrix(FormatId::Q4_0, 64, kSize, 20);
    auto bytes = std::make_shared<std::vector<std::byte>>();
    for (int64_t row = 0; row < kSize; row += matrix.rows)
        bytes->insert(bytes->end(), matrix.planes[0], matrix.planes[0] + matrix.bytes());
    matrix.rows = kSize;
    matrix.planes = {bytes->data()};
    matrix.owner = bytes;

    std::vector<WeightId> weights;
    const Clock::time_point uploading = Clock::now();
    for (int i = 0; i < kMatrices; ++i) weights.push_back(backend.addWeight(matrix, WeightUse::Matmul));
    ComputeSpeed speed;
    speed.uploadBytes = double(matrix.bytes()) * kMatrices / secondsSince(uploading);
    const BufferId in = backend.addBuffer("in", kPrompt, kSize), out = backend.addBuffer("out", kPrompt, kSize);
    backend.prepare(kPrompt);
    const std::vector<float> ones(std::size_t(kSize) * kPrompt, 1.f);
    backend.write({in, 0, kPrompt}, ones);
    const auto secondsOf = [&](int32_t rows, int matrices) {
        double best = 0, spent = 0;
        for (int run = 0; run < 10 && (run < 3 || spent < 0.2); ++run) { // the first one warms up
            throwIfStopped(stop);
            const Clock::time_point start = Clock::now();
            backend.begin(0);
            for (int i = 0; i < matrices; ++i) {
                const Product product{weights[std::size_t(i)], {out, 0, rows}, {}, {}};
                backend.matmul({in, 0, rows}, {&product, 1});
            }
            backend.finish();
            const double seconds = secondsSince(start);
            best = best > 0 ? std::min(best, seconds) : seconds;
            spent += seconds;
        }
        return best;
    };
    speed.weightBytes = double(matrix.bytes()) * kMatrices / secondsOf(1, kMatrices);
    speed.macs = double(kSize) * kSize * kPrompt * kPromptMatrices / secondsOf(kPrompt, kPromptMatrices);
    return speed;
}

const KernelCheck* SelfTest::failure() const {
    const auto failed = std::ranges::find_if(
        checks, [](const KernelCheck& c) { return c.neededBy == NeededBy::EveryModel && !c.problem.empty(); });
    return failed == checks.end() ? nullptr : &*failed;
}

std::vector<FormatId> SelfTest::refusedFormats() const {
    std::vector<FormatId> refused;
    for (const KernelCheck& c : checks)
        if (c.neededBy == NeededBy::Format && matters(c)) refused.push_back(c.format);
    return refused;
}

bool SelfTest::refuses(NeededBy models) const {
    return std::ranges::any_of(checks, [&](const KernelCheck& c) { return c.neededBy == models && matters(c); });
}

SelfTest testCard(ThreadPool& pool, const VulkanDevice& card, const VulkanOptions& options, const ProgressFn& progress,
                  std::stop_token stop) {
    return CardTest(pool, card, options, progress, stop).run();
}

} // namespace nibble
