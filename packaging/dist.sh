#!/bin/sh
# Writes the committed source as one archive; with vendor/, if it was gathered, so that it builds without a network.
set -eu
cd "$(dirname "$0")/.."
. packaging/version.sh

name=uevent-manager-$version
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name"
git archive HEAD | tar --extract --directory "$work/$name"
if [ -d vendor ]; then cp -r vendor "$work/$name/"; fi
# Whatever the umask is, and git's setting of one.
chmod -R u=rwX,go=rX "$work/$name"
mkdir -p artifacts/packages
output=artifacts/packages/$name.tar.gz
tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner "$name" \
    | gzip --best --no-name > "$output"
echo "$output"
