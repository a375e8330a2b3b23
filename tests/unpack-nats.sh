#!/usr/bin/env bash
# Unpacks nats-server of Debian 12 and of Debian 13 into artifacts/tools/nats-SUITE: both need the libc alone. Nothing is installed; a package would
# start a server. What cannot be had is said; the tests with it are skipped with that reason.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/artifacts/tools
. tests/apt.sh
say() { echo "unpack-nats: $*" >&2; }

unpack() {
    local suite=$1 tree=$tools/nats-$1
    [ -x "$tree/nats-server" ] && return
    rm -rf "$tree" && mkdir -p "$tree"
    if ! private_apt "$tree/apt" amd64 "$suite" || ! (cd "$tree" && by_apt apt-get download --quiet=2 nats-server > /dev/null); then
        say "$suite has no nats-server that can be downloaded"
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
