#!/usr/bin/env bash
# release-test.sh: shows that a release is reproducible. Builds this commit's release once more, in a clone elsewhere, and compares each file with that of
# `make release` here, byte for byte. The clone's path is longer, and the umask, the time zone, the home directory and, as root, the host's name are
# others. What differs is named down to the file inside the package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

here=$PWD/artifacts/release
work=$(mktemp --directory "${TMPDIR:-/tmp}/release-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/a home" "$work/further/down"
# With HEAD as it is here: the commit is in the programs' version.
(umask 077 && git clone --quiet --no-hardlinks . "$work/further/down/clone")
there=$work/further/down/clone/artifacts/release

echo "building the release once more in $work" >&2
# Packages that are here already are not fetched again.
build=(env TZ=Pacific/Kiritimati HOME="$work/a home" LC_ALL=C NUGET_PACKAGES="${NUGET_PACKAGES:-$HOME/.nuget/packages}"
    make --no-print-directory -C "$work/further/down/clone" release)
if [ "$(id -u)" -eq 0 ]; then build=(unshare --uts sh -c 'hostname elsewhere && exec "$@"' sh "${build[@]}"); fi
(umask 077 && "${build[@]}" > /dev/null)

# "SUM NAME" of each file in a package, and what is around them: modes, owners and times.
contents() { # PACKAGE
    local to
    to=$(mktemp --directory "$work/contents.XXXXXX")
    case $1 in
        *.deb) dpkg-deb --raw-extract "$1" "$to" && dpkg-deb --contents "$1" ;;
        *.rpm) rpm2archive - < "$1" | tar --extract --gzip --directory "$to" && rpm --query --package --dump "$1" 2> /dev/null ;;
        *.tar.gz) tar --extract --file "$1" --directory "$to" && tar --list --verbose --file "$1" ;;
        *pkg) unzip -q "$1" -d "$to" && unzip -v "$1" | grep -v '^Archive:' ;;
    esac
    (cd "$to" && find . -type f -print0 | LC_ALL=C sort --zero-terminated | xargs -0 --no-run-if-empty sha256sum)
    rm -rf "$to"
}

same=0 different=0
while read -r name; do
    if cmp --silent "$here/$name" "$there/$name"; then
        same=$((same + 1))
        continue
    fi
    different=$((different + 1))
    if [ ! -e "$here/$name" ] || [ ! -e "$there/$name" ]; then
        echo "$name: in only one of the two builds"
        continue
    fi
    echo "$name differs:"
    case $name in
        *.deb | *.rpm | *.tar.gz | *pkg) diff <(contents "$here/$name") <(contents "$there/$name") || true ;;
        *) diff "$here/$name" "$there/$name" || true ;;
    esac | sed '20q; s/^/    /'
done < <(ls "$here" "$there" | grep -v -e '^$' -e ':$' | LC_ALL=C sort --unique)
if [ "$different" -ne 0 ]; then
    kept=$PWD/artifacts/release-other
    rm -rf "$kept" && cp -r "$there" "$kept"
    echo "release-test: $different of $((same + different)) files differ; those of the other build are in artifacts/release-other" >&2
    exit 1
fi
echo "release-test: all $same files are equal, byte for byte"
