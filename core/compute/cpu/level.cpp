#include <cassert>
#include <compute/cpu/kernels.h>
#include <cstdlib>
#include <cstring>
#include <nibble/error.h>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace nibble {

namespace {

const Kernels* builtKernels(CpuLevel level) {
    switch (level) {
    case CpuLevel::Scalar:
        return &scalarKernels();
    case CpuLevel::Avx2:
        return avx2Kernels();
    case CpuLevel::Avx512Vnni:
        return avx512VnniKernels();
    case CpuLevel::Neon:
        return neonKernels();
    }
    return nullptr;
}

bool processorHas(CpuLevel level) {
#if defined(__x86_64__)
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    if (level == CpuLevel::Avx2) return avx2;
    if (level == CpuLevel::Avx512Vnni)
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vnni");
#endif
#if defined(__aarch64__) && defined(__linux__)
    if (level == CpuLevel::Neon) return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#endif
    return level == CpuLevel::Scalar;
}

constexpr CpuLevel kBestFirst[] = {CpuLevel::Avx512Vnni, CpuLevel::Avx2, CpuLevel::Neon, CpuLevel::Scalar};

} // namespace

bool cpuBuiltFor(CpuLevel level) { return builtKernels(level) != nullptr; }

bool cpuSupports(CpuLevel level) { return builtKernels(level) != nullptr && processorHas(level); }

const char* cpuLevelName(CpuLevel level) {
    switch (level) {
    case CpuLevel::Scalar:
        return "scalar";
    case CpuLevel::Avx2:
        return "avx2";
    case CpuLevel::Avx512Vnni:
        return "avx512";
    case CpuLevel::Neon:
        return "neon";
    }
    return "";
}

CpuLevel bestCpuLevel() {
    if (const char* wanted = std::getenv("NIBBLE_CPU"); wanted && *wanted) {
        for (CpuLevel level : kBestFirst)
            if (std::strcmp(wanted, cpuLevelName(level)) == 0 && cpuSupports(level)) return level;
        throw Error(ErrorKind::BadRequest, "This computer cannot run the instruction set asked for.",
                    std::string("NIBBLE_CPU=") + wanted,
                    "Set NIBBLE_CPU to scalar, avx2, avx512 or neon, or leave it unset.");
    }
    for (CpuLevel level : kBestFirst)
        if (cpuSupports(level)) return level;
    return CpuLevel::Scalar;
}

const Kernels& kernelsOf(CpuLevel level) {
    assert(cpuSupports(level));
    return *builtKernels(level);
}

} // namespace nibble
