#!/usr/bin/env bash
# root.sh: unpacks what programs for arm64 are linked with, from Debian's own packages, into artifacts/arm64-root. Nothing is installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/apt.sh
root=$PWD/artifacts/arm64-root
if [ -e "$root/complete" ]; then exit; fi

apt=$(mktemp --directory)
trap 'rm -rf "$apt"' EXIT
mkdir "$apt/deb"
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
private_apt "$apt" arm64 "$release"
(cd "$apt/deb" && by_apt apt-get download --quiet=2 libc6 libgcc-s1 libstdc++6 libssl3 zlib1g > /dev/null)
rm -rf "$root" && mkdir -p "$root"
for package in "$apt"/deb/*.deb; do dpkg-deb --extract "$package" "$root"; done
touch "$root/complete"
