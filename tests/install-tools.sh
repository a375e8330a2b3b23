#!/usr/bin/env bash
# Installs what the kernel tests need of the machine and does not have: ip, unshare, nsenter, setpriv, mount, python3 and its jsonschema, perl, zsh, fish, man, mandoc,
# libseccomp, chromium, udevadm, udevd, systemd-analyze and what else of systemd's tools the tests run, promtool, umockdev. Those of udev, systemd, Prometheus and umockdev are
# only unpacked, into artifacts/tools: installing their packages could start daemons that the tests do without.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" > /dev/null; }

packages=()
has ip || packages+=(iproute2)
{ has unshare && has nsenter && has setpriv && has mount; } || packages+=(util-linux mount)
has python3 || packages+=(python3-minimal)
python3 -c 'import jsonschema' 2> /dev/null || packages+=(python3-jsonschema)
has perl || packages+=(perl-base)
has zsh || packages+=(zsh)
has fish || packages+=(fish)
has man || packages+=(man-db)
has mandoc || packages+=(mandoc)
has gcc || packages+=(gcc libc6-dev)
PATH=$PATH:/sbin:/usr/sbin has mkfs.ext4 || packages+=(e2fsprogs)
PATH=$PATH:/sbin:/usr/sbin has losetup || packages+=(mount)
need_chromium=false
if ! has chromium; then need_chromium=true; fi
[[ $(PATH=$PATH:/sbin ldconfig -p) == *libseccomp.so.2* ]] || packages+=(libseccomp2)

udevadm=artifacts/tools/udevadm
need_udevadm=false
if ! has udevadm && [ ! -x "$udevadm" ]; then need_udevadm=true; fi
systemd_tools=(systemd-analyze systemd-sysusers systemd-tmpfiles)
need_systemd=false
for tool in "${systemd_tools[@]}"; do
    if ! has "$tool" && [ ! -x "artifacts/tools/$tool" ]; then need_systemd=true; fi
done
promtool=artifacts/tools/promtool
need_promtool=false
if ! has promtool && [ ! -x "$promtool" ]; then need_promtool=true; fi
need_udevd=true
for place in /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd artifacts/tools/udev/usr/bin/udevadm; do
    if [ -x "$place" ]; then need_udevd=false; fi
done
need_nats=false
for suite in bookworm trixie; do
    if [ ! -x "artifacts/tools/nats-$suite/nats-server" ]; then need_nats=true; fi
done
need_umockdev=false
if [ ! -x artifacts/tools/umockdev-run ]; then need_umockdev=true; fi
if [ ${#packages[@]} -eq 0 ] && [ "$need_umockdev" = false ] && [ "$need_nats" = false ] && [ "$need_udevadm" = false ] && [ "$need_udevd" = false ] && [ "$need_systemd" = false ] && [ "$need_promtool" = false ] && [ "$need_chromium" = false ]; then exit 0; fi

missing=${packages[*]}
if [ "$need_udevadm" = true ]; then missing+=" udevadm"; fi
if [ "$need_udevd" = true ]; then missing+=" systemd-udevd"; fi
if [ "$need_systemd" = true ]; then missing+=" ${systemd_tools[*]}"; fi
if [ "$need_promtool" = true ]; then missing+=" promtool"; fi
if [ "$need_chromium" = true ]; then missing+=" chromium"; fi
if [ "$need_umockdev" = true ]; then missing+=" umockdev"; fi
if [ "$need_nats" = true ]; then missing+=" nats-server"; fi
if ! has apt-get; then
    echo "tests/install-tools.sh: install these with your package manager: $missing" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "tests/install-tools.sh: run it as root to install: $missing" >&2
    exit 1
fi

add() { DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "$@" > /dev/null; }

apt-get update --quiet=2
if [ ${#packages[@]} -gt 0 ]; then add "${packages[@]}"; fi
# A browser is large, and one test alone looks at pictures: where it cannot be had that one is skipped, with the reason; in CI that is a failure.
if [ "$need_chromium" = true ]; then add chromium fonts-dejavu-core || echo "tests/install-tools.sh: chromium cannot be installed" >&2; fi

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

if [ "$need_promtool" = true ]; then
    (cd "$work" && apt-get download --quiet=2 prometheus 2> /dev/null && dpkg-deb --fsys-tarfile prometheus_*.deb | tar --extract ./usr/bin/promtool)
    mkdir -p artifacts/tools
    install -m 755 "$work/usr/bin/promtool" "$promtool"
    "$promtool" --version > /dev/null
fi

if [ "$need_udevadm" = true ]; then
    (cd "$work" && apt-get download --quiet=2 udev 2> /dev/null && dpkg-deb --extract udev_*.deb tree)
    mkdir -p artifacts/tools
    install_from=$(find "$work/tree" -path '*/bin/udevadm' -type f)
    cp "$install_from" "$udevadm"
    if ldd "$udevadm" | grep -q 'not found'; then add libkmod2 libblkid1 libacl1 libselinux1 libcap2 libudev1; fi
    "$udevadm" --version > /dev/null
fi

if [ "$need_udevd" = true ]; then tests/unpack-udev.sh; fi
if [ "$need_nats" = true ]; then tests/unpack-nats.sh; fi
if [ "$need_umockdev" = true ]; then tests/unpack-umockdev.sh || echo "tests/install-tools.sh: umockdev cannot be unpacked" >&2; fi

if [ "$need_systemd" = true ]; then
    tree=artifacts/tools/systemd
    mkdir -p "$tree"
    tree=$(cd "$tree" && pwd)
    (cd "$tree" && apt-get download --quiet=2 systemd libsystemd-shared 2> /dev/null && for deb in ./*.deb; do dpkg-deb --extract "$deb" .; done)
    add libacl1 libapparmor1 libaudit1 libblkid1 libcap2 libcrypt1 libfdisk1 libip4tc2 libkmod2 liblz4-1 libmount1 libpam0g \
        libseccomp2 libselinux1 libssl3 libzstd1
    for tool in "${systemd_tools[@]}"; do
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$(dirname "$(find "$tree" -name 'libsystemd-shared-*.so')")" \
            "$(find "$tree" -path "*/bin/$tool" -type f)" > "artifacts/tools/$tool"
        chmod 755 "artifacts/tools/$tool"
    done
    artifacts/tools/systemd-analyze --version > /dev/null
fi
