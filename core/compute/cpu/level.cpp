#include <algorithm>
#include <base/text.h>
#include <cassert>
#include <compute/cpu/kernels.h>
#include <cstdlib>
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
    case CpuLevel::AvxVnni:
        return avxVnniKernels();
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
    if (level == CpuLevel::AvxVnni) return avx2 && __builtin_cpu_supports("avxvnni");
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

} // namespace

bool cpuBuiltFor(CpuLevel level) { return builtKernels(level) != nullptr; }

bool cpuSupports(CpuLevel level) { return builtKernels(level) != nullptr && processorHas(level); }

const char* cpuLevelName(CpuLevel level) {
    switch (level) {
    case CpuLevel::Scalar:
        return "scalar";
    case CpuLevel::Avx2:
        return "avx2";
    case CpuLevel::AvxVnni:
        return "avxvnni";
    case CpuLevel::Avx512Vnni:
        return "avx512";
    case CpuLevel::Neon:
        return "neon";
    }
    return "";
}

CpuLevel cpuLevelOf(std::string_view name) {
    if (name.empty()) return bestCpuLevel();
    std::string known;
    for (CpuLevel level : kCpuLevels) {
        if (name == cpuLevelName(level)) {
            if (cpuSupports(level)) return level;
            throw Error(ErrorKind::Unsupported,
                        "This processor does not have the instructions \"" + std::string(name) + "\".", {},
                        "Leave them to be chosen automatically.");
        }
        known += (known.empty() ? "" : ", ") + std::string(cpuLevelName(level));
    }
    throw Error(ErrorKind::BadRequest, "Unknown instruction set \"" + printable(name, 40) + "\".", {},
                "Known are " + known + ".");
}

CpuLevel bestCpuLevel() {
    if (const char* wanted = std::getenv("NIBBLE_CPU"); wanted && *wanted) return cpuLevelOf(wanted);
    return *std::ranges::find_if(kCpuLevels, cpuSupports);
}

const Kernels& kernelsOf(CpuLevel level) {
    assert(cpuSupports(level));
    return *builtKernels(level);
}

} // namespace nibble
