// The self-test's checks: other instruction sets pass them, a kernel that does nothing does not.
#include "backends.h"

#include <base/thread_pool.h>
#include <compute/self_test/operation_checks.h>
#include <compute/self_test/self_test.h>

namespace nibble {
namespace {

TEST(SelfTest, GivesTheSameOnEveryInstructionSet) {
    ThreadPool pool(2);
    for (const OperationCheck& check : operationChecks()) {
        const std::vector<float> expected = check.run(*makeCpuBackend(pool, CpuLevel::Scalar));
        EXPECT_GT(expected.size(), 1000u) << check.what;
        EXPECT_GT(nmse(std::vector<float>(expected.size()), expected), 0.99) << check.what << ": all zero";
        EXPECT_LT(nmse(check.run(*makeCpuBackend(pool)), expected), kLargestError) << check.what;
    }
    for (const Format* f : formats()) {
        const std::vector<float> expected = runFormatCheck(*makeCpuBackend(pool, CpuLevel::Scalar), f->id);
        EXPECT_LT(nmse(runFormatCheck(*makeCpuBackend(pool), f->id), expected), kLargestError) << f->name;
    }
}

TEST(SelfTest, FindsAKernelThatDoesNothing) {
    ThreadPool pool(2);
    BackendCase card{"Vulkan", {}, true, {}};
    const auto errorWith = [&](const char* idleKernels, const auto& run) {
        std::string whyNot;
        card.options.faults.idleKernels = idleKernels;
        const auto backend = card.make(pool, whyNot);
        return backend ? nmse(run(*backend), run(*makeCpuBackend(pool, CpuLevel::Scalar))) : -1;
    };
    const auto operations = operationChecks();
    const auto products = [](Backend& b) { return runFormatCheck(b, FormatId::Q4_0); };
    if (errorWith("", operations[0].run) < 0) GTEST_SKIP() << "no Vulkan device can be used here";
    EXPECT_LT(errorWith("", operations[0].run), kLargestError);
    EXPECT_FALSE(errorWith("rms_norm", operations[0].run) <= kLargestError); // NaN is wrong, too
    EXPECT_FALSE(errorWith("rope", operations[1].run) <= kLargestError);
    EXPECT_FALSE(errorWith("attention_reduce", operations[2].run) <= kLargestError);
    EXPECT_FALSE(errorWith("matvec", products) <= kLargestError);
    EXPECT_FALSE(errorWith("matmul", products) <= kLargestError);
    EXPECT_FALSE(errorWith("embed", products) <= kLargestError);
    EXPECT_FALSE(errorWith("rms_norm_quantized", products) <= kLargestError);
    EXPECT_FALSE(errorWith("gated_activation_quantized", products) <= kLargestError);
    for (const char* kernel : {"delta_conv", "delta_net", "copy_columns"}) // the last one sets states aside
        EXPECT_FALSE(errorWith(kernel, runRecurrentCheck) <= kLargestError) << kernel;
    EXPECT_FALSE(errorWith("dim_rows", operations[0].run) <= kLargestError);
    EXPECT_FALSE(errorWith("top_values", operations[5].run) <= kLargestError);
}

TEST(SelfTest, DecidesWhatACardIsUsedFor) {
    SelfTest test;
    test.checks = {{"norms"},
                   {"Q4_0", NeededBy::Format, FormatId::Q4_0},
                   {"Q4_0, dot", NeededBy::Format, FormatId::Q4_0, true},
                   {"experts, Q5_0", NeededBy::Experts, FormatId::Q5_0},
                   {"recurrent layers", NeededBy::Recurrent}};
    EXPECT_EQ(test.failure(), nullptr);
    EXPECT_TRUE(test.refusedFormats().empty());
    test.checks[2].problem = "wrong"; // the card does without integer dot products then
    EXPECT_TRUE(test.refusedFormats().empty());
    test.checks[1].problem = "wrong";
    EXPECT_EQ(test.refusedFormats(), std::vector<FormatId>{FormatId::Q4_0});
    EXPECT_FALSE(test.refusesExperts() || test.refusesRecurrent());
    test.checks[3].problem = "wrong";
    EXPECT_EQ(test.refusedFormats(), std::vector<FormatId>{FormatId::Q4_0}) << "of no interest without experts";
    EXPECT_TRUE(test.refusesExperts());
    EXPECT_EQ(test.failure(), nullptr);
    test.checks[0].problem = "wrong";
    EXPECT_EQ(test.failure(), &test.checks[0]);
}

} // namespace
} // namespace nibble
