#!/usr/bin/env bash
# root.sh: unpacks what programs for arm64 are linked with, from Debian's own packages, into artifacts/arm64-root. Nothing is installed; apt's keys of
# this machine are what the packages are verified by.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD/artifacts/arm64-root
if [ -e "$root/complete" ]; then exit; fi

apt=$(mktemp --directory)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/deb"
options=(-o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Dir::State::status=/dev/null -o APT::Architecture=arm64 -o APT::Architectures=arm64
    -o Acquire::Languages=none -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update --quiet=2
(cd "$apt/deb" && apt-get "${options[@]}" download --quiet=2 libc6 libgcc-s1 libstdc++6 libssl3 zlib1g > /dev/null)
rm -rf "$root" && mkdir -p "$root"
for package in "$apt"/deb/*.deb; do dpkg-deb --extract "$package" "$root"; done
touch "$root/complete"
