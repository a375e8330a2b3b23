#!/usr/bin/env bash
# Whether the archive of the source builds on a machine without a network: gathers the packages (with a network), writes the archive,
# and builds what is in it in a network namespace of its own, with an empty home. The committed source is taken.
# Needs root, for the namespace. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
if [ "$(id -u)" -ne 0 ]; then echo "packaging/offline-test.sh: needs root, for a namespace without a network" >&2; exit 1; fi

passed=0 failed=0
check() { # WHAT COMMAND…
    local what=$1; shift
    if said=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); printf '  failed: %s: %s\n' "$what" "$(tail -n 20 <<< "$said")"; fi
}

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
mkdir "$work/offline" "$work/home" "$work/tmp"
check "the committed source" git clone --quiet --no-hardlinks . "$work/source"
check "make vendor" make --no-print-directory -C "$work/source" vendor
check "make dist" make --no-print-directory -C "$work/source" dist
archive=$(find "$work/source/artifacts/packages" -name 'uevent-manager-*.tar.gz')
check "the archive" tar --extract --gzip --directory "$work/offline" --strip-components=1 --file "$archive"
rm -rf "$work/source"

# Nothing of what this machine has gathered may help: neither its packages nor its build servers.
without_network() {
    unshare --net -- env -i PATH="$PATH" DOTNET_ROOT="${DOTNET_ROOT:-}" HOME="$work/home" TMPDIR="$work/tmp" MSBUILDDISABLENODEREUSE=1 \
        DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 "$@"
}
check "make build without a network" without_network make --no-print-directory -C "$work/offline" build
check "the tests' packages without a network" without_network NUGET_PACKAGES="$work/offline/artifacts/nuget" RestoreConfigFile="$work/offline/vendor/nuget.config" \
    dotnet restore "$work/offline/UeventManager.sln" --nologo
check "what was built runs" "$work/offline/artifacts/bin/ueventctl" --version
check "make tarball without a network" without_network make --no-print-directory -C "$work/offline" tarball
check "the tarball has what make install installs" bash -c "tar --list --gzip --file '$work'/offline/artifacts/packages/*-linux-*.tar.gz | grep -qx './usr/lib/systemd/system/uevent-manager.service'"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
