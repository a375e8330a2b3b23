#!/usr/bin/env bash
# Builds the root file system of `make systemd-test`: artifacts/vm/SUITE has it as a folder and as an image. All of it is packages of
# the distribution, unpacked and configured by mmdebstrap below that folder; this machine installs nothing. Built once:
# `rm -r artifacts/vm/SUITE` begins anew with the newest packages. Needs root, for a root of another system.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
title=systemd-test
. "$here/../vm/common.sh"
. "$here/suite.sh"

[ "$(id -u)" -eq 0 ] || fail "needs root, to unpack another system below $guest"
for tool in apt-get dpkg-deb perl mke2fs; do has $tool || fail "$tool is missing: install it (Debian: apt, dpkg, perl, e2fsprogs)"; done

mirror=${VM_MIRROR:-$(mirror_of_apt)}
[ -n "$mirror" ] || fail "this machine's apt has no mirror of Debian (apt-get update?): give one as VM_MIRROR"

# What the image must have: systemd as PID 1, udev, what a Debian has that was not asked to be smaller (ip), device mapper with a file system for it,
# and python3 for the client.
packages=systemd-sysv,udev,kmod,iproute2,python3,dmsetup,e2fsprogs
key=$(cat "$here/build.sh" "$here/suite.sh" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$guest/key" 2> /dev/null)" = "$key" ]; then exit 0; fi
rm -rf "$guest" && mkdir -p "$guest"

mmdebstrap=$vm/mmdebstrap
if [ ! -e "$mmdebstrap/usr/bin/mmdebstrap" ]; then
    rm -rf "$mmdebstrap" && mkdir -p "$mmdebstrap"
    (cd "$mmdebstrap" && quietly apt-get download --quiet=2 -o Debug::NoLocking=1 mmdebstrap) || fail "apt-get cannot download mmdebstrap (apt-get update?)"
    dpkg-deb --extract "$mmdebstrap"/mmdebstrap_*.deb "$mmdebstrap"
fi
say "$suite from $mirror"
# Its scripts run in namespaces of their own: nothing that they mount or start is seen here.
quietly nice -n 10 unshare --mount --propagation private perl "$mmdebstrap/usr/bin/mmdebstrap" --mode=root --variant=minbase --include="$packages" \
    --skip=output/dev --format=directory "$suite" "$guest/root" "$mirror" || fail "mmdebstrap failed: VM_SUITE and VM_MIRROR name what it takes"

sed -n 's/^libsystemd0.* \([0-9]*\)[.~-].*/\1/p' < <(dpkg-query --admindir="$guest/root/var/lib/dpkg" --show --showformat='${Package} ${Version}\n' libsystemd0) > "$guest/systemd-version"
[ -s "$guest/systemd-version" ] || fail "$suite has no systemd"
echo "$key" > "$guest/key"
say "built $suite: systemd $(cat "$guest/systemd-version"), $(du --summarize --human-readable "$guest/root" | cut -f1)"
