#!/usr/bin/env bash
# Builds what the benchmark needs and runs it in network, mount and process namespaces of its own: quick, full or growth.
# What it starts ends with it. systemd-udevd is only unpacked, into artifacts/tools/udev, and only ever runs inside.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mode=${1:-full}
here=tests/UeventManager.Benchmarks
tools=$PWD/artifacts/tools
out=$PWD/artifacts/bench
deadline=${BENCH_DEADLINE:-5400}

say() { echo "make bench: $*" >&2; }
has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" > /dev/null; }

if [ "$(id -u)" -ne 0 ]; then
    say "it needs root for namespaces, devices and udevd: run it as root"
    exit 1
fi

install_compiler() {
    has cc && has ip && return
    say "installing a C compiler and ip"
    apt-get update --quiet=2
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends gcc libc6-dev iproute2 > /dev/null
}

compile() {
    mkdir -p "$tools/bench"
    local native=$here/native
    cc -O2 -Wall -Wextra -Werror -o "$tools/bench/forwarder" "$native/forwarder.c"
    cc -O2 -Wall -Wextra -Werror -pthread -o "$tools/bench/probe" $native/{probe,source,send,latency,storm,lag,process}.c
}

install_compiler
tests/unpack-udev.sh
compile
mkdir -p "$out"
BENCH_MACHINE_NETNS=$(readlink /proc/self/ns/net)
export BENCH_MACHINE_NETNS
# A fresh sysfs shows the devices of the new network namespace; a tmpfs for what the benchmark makes itself.
exec timeout --kill-after=30 "$deadline" unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private sh -c '
    mount -t sysfs s /sys && ip link set lo up && mount -t tmpfs -o mode=755 bench /mnt &&
    exec "$@"' sh \
    "$here/bin/Release/net10.0/UeventManager.Benchmarks" run "$mode" "$PWD" "$out"
