#!/usr/bin/env bash
# Unpacks Debian's umockdev and the libraries that it needs into artifacts/tools/umockdev, with umockdev-run and umockdev-record beside it. Nothing is
# installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/artifacts/tools
if [ -x "$tools/umockdev-run" ] && [ -x "$tools/umockdev-record" ]; then exit 0; fi

echo "unpacking umockdev" >&2
tree=$tools/umockdev
rm -rf "$tree" && mkdir -p "$tree/deb"
apt-get update --quiet=2
packages=(umockdev libumockdev0 libglib2.0-0 libpcap0.8 libudev1 libpcre2-8-0 libffi8 libdbus-1-3 libsystemd0 libmount1 libblkid1 libselinux1 zlib1g libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1)
(cd "$tree/deb" && apt-get download --quiet=2 "${packages[@]}" 2> /dev/null)
for package in "$tree"/deb/*.deb; do dpkg-deb --extract "$package" "$tree"; done
rm -rf "$tree/deb"
# This release still ships part of it below /lib, which is a link to /usr/lib on the system itself.
libraries=$(dirname "$(find "$tree" -name 'libumockdev.so.0')"):$tree/lib/$(uname -m)-linux-gnu
for tool in umockdev-run umockdev-record; do
    printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s PATH=%s:$PATH\nexec %s "$@"\n' "$libraries" "$tools" "$tree/usr/bin/$tool" > "$tools/$tool"
    chmod 755 "$tools/$tool"
done
"$tools/umockdev-run" --version > /dev/null
