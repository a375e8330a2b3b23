#!/usr/bin/env bash
# Unpacks nats-server of Debian 12 and of Debian 13 into artifacts/tools/nats-SUITE: both need the libc alone. Nothing is installed; a package would
# start a server. What cannot be had is said; the tests with it are skipped with that reason.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/artifacts/tools
say() { echo "unpack-nats: $*" >&2; }

# Where this machine's own apt has Debian from.
# shellcheck disable=SC2016 # apt-get expands these
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' | sed -n 's/^Debian|Debian|main|//p' | sort --unique | sed -n 1p)
mirror=${mirror:-http://deb.debian.org/debian}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -e $keys ]; then trust=signed-by=$keys; else trust=trusted=yes; fi

unpack() {
    local suite=$1 tree=$tools/nats-$1
    [ -x "$tree/nats-server" ] && return
    rm -rf "$tree" && mkdir -p "$tree/apt/lists/partial" "$tree/apt/cache/archives/partial"
    echo "deb [$trust] $mirror $suite main" > "$tree/apt/sources.list"
    local options=(
        -o "Dir::Etc::sourcelist=$tree/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$tree/apt/lists"
        -o "Dir::Cache=$tree/apt/cache" -o Dir::State::status=/dev/null -o APT::Architecture=amd64 -o Acquire::Languages=none -o Debug::NoLocking=1
        -o APT::Sandbox::User=root
    )
    if ! apt-get "${options[@]}" update --quiet=2 || ! (cd "$tree" && apt-get "${options[@]}" download --quiet=2 nats-server > /dev/null); then
        say "$suite has no nats-server that can be had"
        rm -rf "$tree"
        return
    fi
    dpkg-deb --fsys-tarfile "$tree"/nats-server_*.deb | tar --extract --directory "$tree" ./usr/sbin/nats-server
    mv "$tree/usr/sbin/nats-server" "$tree/nats-server"
    rm -rf "$tree/usr" "$tree/apt" "$tree"/*.deb
    "$tree/nats-server" --version
}

if [ $# -eq 0 ]; then set -- bookworm trixie; fi
for suite in "$@"; do unpack "$suite"; done
