#!/bin/sh
# Becomes systemd-udevd in a mount namespace of its own, with its own /run, /dev and /etc/udev: udevd.sh TREE rules|none
# Started only inside the benchmark's network namespace; refuses anywhere else.
set -eu
if [ "${BENCH_MACHINE_NETNS:-}" = "" ] || [ "$(readlink /proc/self/ns/net)" = "$BENCH_MACHINE_NETNS" ]; then
    echo "udevd.sh: only make bench starts this, in a network namespace of its own" >&2
    exit 1
fi
if [ "${BENCH_UDEVD_MOUNTS:-}" != own ]; then
    BENCH_UDEVD_MOUNTS=own exec unshare --mount --propagation private "$0" "$@"
fi
mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 dev /dev
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 600 /dev/kmsg c 1 11
mkdir /run/udev
if [ "$2" = none ]; then
    for rules in /usr/lib/udev/rules.d /etc/udev/rules.d; do
        if [ -d "$rules" ]; then mount -t tmpfs none "$rules"; fi
    done
fi
exec /usr/lib/systemd/systemd-udevd
