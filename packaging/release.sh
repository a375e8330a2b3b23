#!/usr/bin/env bash
# Builds everything that a release has into artifacts/release: packages for Debian (amd64, arm64) and RPM systems (x86_64, aarch64), an archive of what
# `make install` installs, the source, the client libraries, bills of materials (CycloneDX) and SHA256SUMS.
# Needs rpmbuild and gcc-aarch64-linux-gnu. The source must be committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/version.sh

fail() { echo "make release: $1" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || fail "there are changes that are not committed (git status shows them): commit them, or release from a clone"
grep -q "^## \[$version\]" CHANGELOG.md || fail "CHANGELOG.md has no section [$version], the version of Directory.Build.props: write it"
command -v rpmbuild > /dev/null || fail "there is no rpmbuild: install it (Debian: apt-get install rpm)"
command -v aarch64-linux-gnu-gcc > /dev/null || fail "there is no C compiler for arm64: install it (Debian: apt-get install gcc-aarch64-linux-gnu)"

# A package of a release goes to hosts of any systemd, not to the one that it is built with.
export SYSTEMD_VERSION=239
commit=$(git rev-parse HEAD)
out=artifacts/release
rm -rf "$out" artifacts/packages
mkdir -p "$out"
for target in package "package ARCH=arm64" rpm "rpm ARCH=arm64" tarball dist pack; do
    # shellcheck disable=SC2086 # a target and its variables
    make --no-print-directory $target > /dev/null
done
mv artifacts/packages/* "$out/"

packaging/step.sh artifacts/log/tools.log "restoring the tool that lists what the programs are made of" dotnet tool restore
for project in UeventManager UeventManager.Nats UeventManager.Client UeventManager.Client.Hosting UeventManager.Client.Testing; do
    packaging/step.sh "artifacts/log/sbom-$project.log" "listing what $project is made of" \
        dotnet tool run dotnet-CycloneDX "src/$project/$project.csproj" --output "$out" --filename "$project-$version.cdx.json" --output-format Json \
        --exclude-dev --no-serial-number --set-version "$version"
    # Its time is that of the source.
    sed -i "s/\"timestamp\": \"[^\"]*\"/\"timestamp\": \"$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)\"/" "$out/$project-$version.cdx.json"
done
[ "$(git rev-parse HEAD)" = "$commit" ] || fail "the commit changed during the build, so the parts do not belong together: run it again"
(cd "$out" && sha256sum -- * > SHA256SUMS)
ls -l "$out"
