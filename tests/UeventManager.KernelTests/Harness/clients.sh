#!/bin/sh
# Becomes a program of the tree that tests/unpack-clients.sh unpacked, in a mount namespace of its own: clients.sh TREE SYSFS UDEV PROGRAM [ARGUMENTS].
# SYSFS is its /sys, `-` for the one that is there; UDEV its /run/udev. What it writes elsewhere is in memory and goes with it.
set -eu
if [ "${TEST_CLIENT_MOUNTS:-}" != own ]; then
    TEST_CLIENT_MOUNTS=own exec unshare --mount --uts --propagation private "$0" "$@"
fi
tree=$1 sysfs=$2 udev=$3
shift 3
mount -t overlay overlay -o "lowerdir=$tree/usr:/usr" /usr
if [ "$sysfs" != - ]; then
    mount --bind "$sysfs" /sys
    # It is not a sysfs by its file system.
    export SYSTEMD_DEVICE_VERIFY_SYSFS=0
fi
mkdir -p "$udev" /tmp
exec 3< "$udev"
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/udev /run/lock /run/dbus /run/uem/upper /run/uem/work
# Else mount would make it a path again, which is another directory now.
mount --no-canonicalize --bind "/proc/self/fd/3" /run/udev
exec 3<&-
for directory in /var/lib /var/cache /var/log; do
    mkdir -p "$directory" && mount -t tmpfs -o mode=755 var "$directory"
done
mkdir -p /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /var/lib/NetworkManager
mount -t overlay overlay -o lowerdir="$tree/etc:/etc",upperdir=/run/uem/upper,workdir=/run/uem/work /etc
for group in libvirt kvm libvirt-qemu; do grep -q "^$group:" /etc/group || echo "$group:x:$((980 + $(wc -c < /etc/group) % 10)):" >> /etc/group; done
grep -q '^messagebus:' /etc/passwd || echo 'messagebus:x:979:979::/nonexistent:/usr/sbin/nologin' >> /etc/passwd
grep -q '^messagebus:' /etc/group || echo 'messagebus:x:979:' >> /etc/group
mkdir -p /etc/NetworkManager /run/NetworkManager
printf '[main]\nplugins=\nno-auto-default=*\n' > /etc/NetworkManager/NetworkManager.conf
# Of libvirt the node-device driver alone.
mkdir -p /run/uem/drivers
for driver in /usr/lib/*/libvirt/connection-driver/libvirt_driver_nodedev.so; do if [ -e "$driver" ]; then cp "$driver" /run/uem/drivers; fi; done
export LIBVIRT_DRIVER_DIR=/run/uem/drivers
exec "$@"
