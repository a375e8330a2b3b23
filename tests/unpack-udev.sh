#!/usr/bin/env bash
# Unpacks the distribution's udev and the libraries that it links into artifacts/tools/udev, as one tree that is laid over /usr in a mount
# namespace. It is never installed: installing it could start a daemon on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
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
