#!/bin/sh
# Becomes the distribution's systemd-udevd in a mount namespace of its own: udevd.sh SYSFS RUN [TREE]. SYSFS is its /sys ("real" for the kernel's own) and RUN its /run; its
# /dev is new and has no disk. TREE is where its package was unpacked, if it is not installed. Started only inside a sandbox.
set -eu
if [ "${TEST_MACHINE_NETNS:-}" = "" ] || [ "$(readlink /proc/self/ns/net)" = "$TEST_MACHINE_NETNS" ]; then
    echo "udevd.sh: only tests start this, in a network namespace of their own" >&2
    exit 1
fi
if [ "${TEST_UDEVD_MOUNTS:-}" != own ]; then
    TEST_UDEVD_MOUNTS=own exec unshare --mount --propagation private "$0" "$@"
fi
if [ $# -gt 2 ]; then mount -t overlay overlay -o "lowerdir=$3/usr:/usr" /usr; fi
# A sandbox has the sysfs of its own namespace.
if [ "$1" != real ]; then mount --bind "$1" /sys; fi
mount --bind "$2" /run
mkdir -p /run/new-dev
mount -t tmpfs -o mode=755 dev /run/new-dev
for node in null zero kmsg; do
    # Root of another user namespace may make none.
    cp -a /dev/$node /run/new-dev/$node 2> /dev/null || { : > /run/new-dev/$node && mount --bind /dev/$node /run/new-dev/$node; }
done
mount --move /run/new-dev /dev
if [ "$1" = real ]; then
    mknod -m 600 /dev/loop-control c 10 237
    for loop in 0 1 2 3 4 5 6 7; do mknod -m 600 /dev/loop$loop b 7 $loop; done
fi
mkdir -p /run/udev/rules.d
# It runs on the machine's kernel: no module may be loaded for a device that exists only in SYSFS.
ln -s /dev/null /run/udev/rules.d/80-drivers.rules
# SYSFS is not a sysfs by its file system.
export SYSTEMD_DEVICE_VERIFY_SYSFS=0
for udevd in /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd; do
    if [ -x $udevd ]; then exec $udevd; fi
done
echo "udevd.sh: there is no systemd-udevd" >&2
exit 1
