#!/bin/sh
# Runs the Vulkan tests on Mesa's software device at every subgroup size that it offers, with the validation layers, too:
#     sh tests/compute/vulkan.sh path/to/test_compute [gtest filter]
# Needs mesa-vulkan-drivers and vulkan-validationlayers. Exit status 1 where a test fails or the layers complain.
set -eu
program=$1
filter=${2:-*Vulkan*:Shaders*}
cache=$(mktemp -d)
log=$(mktemp)
trap 'rm -rf "$cache" "$log"' EXIT
export XDG_CACHE_HOME="$cache" NIBBLE_VULKAN_SOFTWARE=1
export VK_ICD_FILENAMES="${VK_ICD_FILENAMES:-/usr/share/vulkan/icd.d/lvp_icd.$(uname -m).json}"
[ -e "$VK_ICD_FILENAMES" ] || { echo "no $VK_ICD_FILENAMES: install mesa-vulkan-drivers"; exit 1; }

status=0
run() { # name, then environment
    name=$1
    shift
    echo "== $name"
    if ! env "$@" "$program" --gtest_filter="$filter" --gtest_brief=1 >"$log" 2>&1; then status=1; fi
    grep -c 'Skipped' "$log" | sed 's/^/   skipped: /'
    if grep -q 'Validation Error\|SYNC-HAZARD\|VUID-' "$log"; then status=1; fi
    grep -v 'Skipped$' "$log" | grep -A4 'Failure\|Validation Error\|SYNC-HAZARD\|FAILED\|PASSED' | head -60 || true
}
run "subgroups of 4" LP_NATIVE_VECTOR_WIDTH=128
run "subgroups of 8" LP_NATIVE_VECTOR_WIDTH=256
run "subgroups of 16" LP_NATIVE_VECTOR_WIDTH=512
run "validation and synchronization" VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation \
    VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
exit $status
