#!/usr/bin/env bash
# The program and the unit tests for arm64, run by qemu-user on this machine: its commands, the layout of C's structs there, a daemon that hears
# real uevents of this kernel. Needs the cross compiler and qemu-user; root for the daemon. Ends with one line: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
emulator=$(command -v qemu-aarch64) || { echo "arm64-test: there is no qemu-aarch64 (Debian: apt-get install qemu-user)" >&2; exit 1; }
tests/arm64/root.sh || exit 1
root=$PWD/artifacts/arm64-root
tool=$PWD/artifacts/arm64/ueventctl

passed=0 failed=0 skipped=0
check() { # WHAT COMMAND…
    local what=$1; shift
    if said=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); printf '  failed: %s: %s\n' "$what" "$(tail -n 20 <<< "$said")"; fi
}
arm64() { "$emulator" -L "$root" "$tool" "$@"; }

check "it is for arm64" bash -c "od --address-radix=n --format=u2 --skip-bytes=18 --read-bytes=2 '$tool' | grep -qx ' *183'"
check "--version" arm64 --version
check "the shipped rules" arm64 rules check rules/*.yaml
check "a recording is replayed" arm64 replay tests/recordings/bridge-veth.ndjson --rules rules
check "a recording is drawn" bash -c "'$emulator' -L '$root' '$tool' plot tests/recordings/bridge-veth.ndjson | grep -q '</svg>'"
if [ "$(id -u)" -eq 0 ]; then
    # shellcheck disable=SC2016
    check "a daemon and its commands on this kernel" env emulator="$emulator" root="$root" tool="$tool" unshare --net --mount --pid --fork --kill-child --mount-proc sh -c '
        mount -t sysfs s /sys && mount -t tmpfs r /run || exit 1
        arm64() { "$emulator" -L "$root" "$tool" "$@"; }
        arm64 daemon --rules rules 2> /run/log &
        arm64 settle --timeout 60s && ip link add uem0 type veth peer name uem1 && arm64 wait net:uem0 --timeout 60s && ip link del uem0 &&
            arm64 wait --until removed net:uem0 --timeout 60s && arm64 status | grep -q announced || { cat /run/log; exit 1; }'
else
    skipped=$((skipped + 1))
    echo "  skipped: a daemon on this kernel: needs root" >&2
fi

# All unit tests of what is one thread's, and none of those that measure, simulate for minutes, go on for a time or start programs
# of this machine. The JIT compiler
# behind this emulator needs settings; the tests of the wait need a call (epoll_pwait2) that the emulator of Debian 12 does not have.
selection=(-class- UeventManager.Tests.Netlink.PollingTests -class- '*Fuzz*')
for name in Uevents Netlink Varlink Rules RuleFiles Conditions Settle Dispatch Handover Systemd Sysfs Snapshots Ordering; do
    selection+=(-namespace "UeventManager.Tests.$name*")
done
log=artifacts/log/arm64-tests.log
DOTNET_TieredCompilation=0 DOTNET_EnableWriteXorExecute=0 DOTNET_gcConcurrent=0 UEVENT_TEST_TIME_FACTOR=20 \
    timeout --kill-after=10 "${ARM64_DEADLINE:-3600}" "$emulator" -L "$root" artifacts/arm64-tests/UeventManager.Tests -noLogo -noColor -parallel none "${selection[@]}" > "$log" 2>&1
code=$?
read -r total errors failures skips < <(sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\), Skipped: \([0-9]*\).*/\1 \2 \3 \4/p' "$log") || true
if [ -z "${total:-}" ]; then
    tail -n 20 "$log"
    failed=$((failed + 1))
    echo "  failed: the unit tests ended without a result (exit code $code); what they said is in $log"
else
    [ "$failures" -eq 0 ] || grep -A 12 '\[FAIL\]' "$log"
    passed=$((passed + total - failures - skips)) failed=$((failed + errors + failures)) skipped=$((skipped + skips))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
