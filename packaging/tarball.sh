#!/bin/sh
# Writes what `make install` installs as one archive, the same bytes for the same source and binary.
set -eu
cd "$(dirname "$0")/.."
. packaging/version.sh

umask 022
tree=$(mktemp --directory)
trap 'rm -rf "$tree"' EXIT
DESTDIR=$tree packaging/install.sh install
output=artifacts/packages/uevent-manager-$version-linux-x64.tar.gz
mkdir -p artifacts/packages
(cd "$tree" && tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner ./*) | gzip --best --no-name > "$output"
echo "$output"
