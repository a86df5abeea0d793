#!/bin/bash
# The main job of the window (real window, real engine) where there is no network but loopback, watched by strace: neither
# the window nor the engine opens any socket but local ones (UNIX domain).
# loopback_only.sh PATH_OF_test_gui. Ends with 77, and says why, where namespaces or strace are not to be had.
set -u
tests=$1
skip() { echo "skipped: $1"; exit 77; }
fail() { echo "$1"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# watch LOG COMMAND...: the calls for sockets, and who was started.
watch() { unshare -rn strace -f -qq -e trace=execve,socket,connect,bind,sendto,sendmsg -e signal=none -o "$@"; }
notLocal() { grep -E '(socket|connect|bind|sendto|sendmsg)\(' "$1" | grep -vE 'AF_UNIX|AF_LOCAL'; }

command -v strace > /dev/null || skip "strace is not installed"
unshare -rn true 2> /dev/null || skip "this system does not allow network namespaces (unshare -rn)"
watch "$folder/try" true 2> /dev/null || skip "this system does not allow strace (ptrace)"
# One that does open a socket is caught.
watch "$folder/try" bash -c ': < /dev/tcp/127.0.0.1/9' 2> /dev/null
notLocal "$folder/try" | grep -q AF_INET || fail "a socket was opened and not seen: $(cat "$folder/try")"

# Under ptrace there is no search for leaks.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
for scenario in EndToEnd.PickMakeSmallerCheckCompareAndChat 'EndToEnd.ByKeyboardOnly*'; do # each with a window of its own
    watch "$folder/calls.of" "$tests" --gtest_filter="$scenario" > "$folder/out" 2>&1 ||
        { tail -40 "$folder/out"; fail "it does not work without a network"; }
    cat "$folder/calls.of" >> "$folder/calls"
done
grep -q SKIPPED "$folder/out" && skip "nibble-cli is not built"
grep -q 'execve(.*nibble-cli' "$folder/calls" || fail "the engine was not watched"
if notLocal "$folder/calls"; then fail "these are not local"; fi
echo "$(grep -c 'execve(' "$folder/calls") programs, $(grep -c 'socket(' "$folder/calls") sockets, none to a network"
