#!/bin/sh
# Builds the compute tests for 64-bit ARM and runs them in an emulator: sh tests/compute/neon.sh [build folder] [gtest arguments]
# Needs g++-aarch64-linux-gnu and qemu-user-static; GoogleTest is built from /usr/src/googletest (package googletest).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-/tmp/nibble-neon}
[ $# -gt 0 ] && shift
mkdir -p "$build"
cxx="aarch64-linux-gnu-g++ -std=c++20 -O2 -g -Wall -Wextra -Wshadow -Wno-missing-field-initializers -ffp-contract=off -march=armv8.2-a+dotprod+fp16"
gtest=/usr/src/googletest/googletest

objects=
compile() { # source, object name, more flags
    object="$build/$2.o"
    objects="$objects $object"
    if [ ! -f "$object" ] || [ "$1" -nt "$object" ] || [ -n "$(find "$root/core" -name '*.h' -newer "$object")" ]; then
        echo "compiling $1"
        # shellcheck disable=SC2086
        $cxx $3 -c "$1" -o "$object"
    fi
}
compile $gtest/src/gtest-all.cc gtest "-w -I$gtest/include -I$gtest"
compile $gtest/src/gtest_main.cc gtest_main "-w -I$gtest/include"
for source in "$root"/core/base/*.cpp \
    "$root"/core/formats/*.cpp "$root"/core/compute/*.cpp "$root"/core/compute/cpu/*.cpp "$root"/core/compute/dry/*.cpp \
    "$root"/core/compute/self_test/*.cpp "$root"/core/compute/split/*.cpp "$root"/core/compute/vulkan/absent/*.cpp \
    "$root"/core/compute/vulkan/dry_vulkan.cpp "$root"/core/compute/vulkan/gpu_layout.cpp \
    "$root"/core/compute/vulkan/products.cpp "$root"/core/compute/vulkan/vulkan_layout.cpp \
    "$root"/tests/compute/[!v]*_test.cpp; do # as a build without Vulkan
    compile "$source" "$(echo "${source#"$root"/}" | tr / _)" "-I$root/core -I$root/core/include -I$gtest/include"
done
# shellcheck disable=SC2086
aarch64-linux-gnu-g++ -static $objects -o "$build/test_compute" -pthread
exec qemu-aarch64-static "$build/test_compute" "$@"
