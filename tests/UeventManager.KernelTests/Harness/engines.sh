#!/bin/sh
# Makes podman and systemd-nspawn usable in this mount namespace, of a tree in which their packages were unpacked: engines.sh TREE. Their storage and
# configuration are in memory, /run is already. Started only inside a sandbox; refuses anywhere else.
set -eu
if [ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/1/ns/mnt)" ]; then
    echo "engines.sh: only a test starts this, in a mount namespace of its own" >&2
    exit 1
fi
mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr
mount -t tmpfs -o mode=755 engines /mnt
mkdir /mnt/etc /mnt/work
mount -t overlay overlay -o "lowerdir=$1/etc:/etc,upperdir=/mnt/etc,workdir=/mnt/work" /etc
# Whom --userns=auto takes ids of.
for file in /etc/subuid /etc/subgid; do echo containers:200000:1000000 > "$file"; done
mkdir -p /var/lib/containers
for directory in /var/lib /var/tmp /var/cache; do mount -t tmpfs -o mode=755 engines "$directory"; done
mount -t cgroup2 cgroup /sys/fs/cgroup
ip link set lo up
