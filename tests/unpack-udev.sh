#!/usr/bin/env bash
# Unpacks the distribution's udev and the libraries that it links into artifacts/tools/udev, as one tree that is laid over /usr in a mount
# namespace. It is never installed: installing it could start a daemon on this machine. With the name of another release of Debian (trixie,
# unstable): that release's udev into artifacts/tools/udevadm-SUITE/tree, with its loader and libraries, by lists of apt's own kept there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unpack_suite() {
    local suite=$1 tree=$PWD/artifacts/tools/udevadm-$1 missing=0 package
    [ -e "$tree/complete" ] && return
    . tests/apt.sh
    rm -rf "$tree" && mkdir -p "$tree/tree"
    private_apt "$tree/apt" amd64 "$suite" || { echo "unpack-udev: no lists of $suite" >&2; return 1; }
    local wanted=(udev libudev1 libc6 libacl1 libblkid1 libcap2 libkmod2 libselinux1 libpcre2-8-0 libzstd1 liblzma5 libssl3t64 libcrypt1 libgcc-s1 zlib1g libsystemd-shared libmount1 libseccomp2 libaudit1 libcap-ng0 libpam0g)
    for package in "${wanted[@]}"; do
        (cd "$tree" && by_apt apt-get download --quiet=2 "$package" > /dev/null 2>&1) || { echo "unpack-udev: $suite has no $package" >&2; missing=$((missing + 1)); }
    done
    for package in "$tree"/*.deb; do dpkg-deb --extract "$package" "$tree/tree"; done
    rm -rf "$tree"/*.deb "$tree/apt"
    if [ $missing -eq 0 ]; then touch "$tree/complete"; fi
}

if [ $# -gt 0 ]; then
    unpack_suite "$1"
    exit
fi
tree=$PWD/artifacts/tools/udev
# systemd-udevd itself is a link to this one.
if [ -x "$tree/usr/bin/udevadm" ]; then exit 0; fi

echo "unpacking the distribution's udev" >&2
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt-get update --quiet=2
(cd "$work" && apt-get download --quiet=2 udev libacl1 libblkid1 libcap2 libkmod2 libselinux1 libudev1 libpcre2-8-0 libzstd1 liblzma5 libssl3 2> /dev/null
    for package in *.deb; do dpkg-deb --extract "$package" tree; done)
rm -rf "$tree"
mkdir -p "$tree/usr"
# This release still ships part of it below /lib and /bin, which are links to /usr on the system itself.
for part in bin sbin lib; do
    if [ -d "$work/tree/$part" ]; then cp -a "$work/tree/$part" "$tree/usr/"; fi
done
cp -a "$work/tree/usr/." "$tree/usr/"
