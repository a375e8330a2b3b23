#!/usr/bin/env bash
# Installs what the kernel tests need of the machine and does not have: ip, unshare, nsenter, setpriv, mount, python3 and udevadm.
# udevadm is only unpacked, into artifacts/tools: installing its package could start a daemon that the tests do without.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" > /dev/null; }

packages=()
has ip || packages+=(iproute2)
{ has unshare && has nsenter && has setpriv && has mount; } || packages+=(util-linux mount)
has python3 || packages+=(python3-minimal)

udevadm=artifacts/tools/udevadm
need_udevadm=false
if ! has udevadm && [ ! -x "$udevadm" ]; then need_udevadm=true; fi
if [ ${#packages[@]} -eq 0 ] && [ "$need_udevadm" = false ]; then exit 0; fi

missing="${packages[*]}$($need_udevadm && echo " udevadm")"
if ! has apt-get; then
    echo "tests/install-tools.sh: install these with your package manager: $missing" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "tests/install-tools.sh: run it as root to install: $missing" >&2
    exit 1
fi

install() { DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "$@" > /dev/null; }

apt-get update --quiet=2
if [ ${#packages[@]} -gt 0 ]; then install "${packages[@]}"; fi

if [ "$need_udevadm" = true ]; then
    work=$(mktemp --directory)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    (cd "$work" && apt-get download --quiet=2 udev 2> /dev/null && dpkg-deb --extract udev_*.deb tree)
    mkdir -p artifacts/tools
    install_from=$(find "$work/tree" -path '*/bin/udevadm' -type f)
    cp "$install_from" "$udevadm"
    if ldd "$udevadm" | grep -q 'not found'; then install libkmod2 libblkid1 libacl1 libselinux1 libcap2 libudev1; fi
    "$udevadm" --version > /dev/null
fi
