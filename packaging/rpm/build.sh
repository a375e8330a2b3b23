#!/bin/sh
# build.sh ARCHITECTURE BINARY NATS: writes artifacts/packages/uevent-manager{,-udev,-nats,-devel}-VERSION-1.*.rpm from this tree and binaries that are
# built already: ueventctl and uevent-nats. ARCHITECTURE is rpm's name: x86_64, aarch64. The same source and binaries give the same bytes. TOOL and NATS_TOOL are a ueventctl and a uevent-nats that run here.
set -eu
cd "$(dirname "$0")/../.."

architecture=$1 binary=$2 nats=$3
. packaging/version.sh
if ! command -v rpmbuild > /dev/null; then
    echo "make rpm: there is no rpmbuild: install it (Debian: apt-get install rpm; Fedora: dnf install rpm-build)" >&2
    exit 1
fi

# A package built elsewhere than on its target must work with any systemd; Type=notify-reload, for example, came with 253.
systemd=${SYSTEMD_VERSION:-239}
if [ -z "${SYSTEMD_VERSION:-}" ] && [ "$(rpm --eval '%{?systemd_post:yes}')" = yes ]; then systemd=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p'); fi

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
# --nodeps: the binary is already built, so rpm need not check for build dependencies.
echo "packing the RPM packages" >&2
rpmbuild -bb --build-in-place --nodeps --quiet --target "$architecture" \
    --define "_topdir $work" --define "_rpmdir $work/rpms" --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
    --define "source_version $version" --define "prebuilt yes" --define "binary $binary" --define "nats $nats" --define "tool ${TOOL:-$binary}" --define "nats_tool ${NATS_TOOL:-$nats}" \
    --define "systemd_version $systemd" --define "release_number ${REVISION:-1}" \
    --define "packager ${MAINTAINER:-The UeventManager authors <authors@ueventmanager.org>}" \
    --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" --define "_buildhost localhost" \
    packaging/rpm/uevent-manager.spec > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
mkdir -p artifacts/packages
for package in "$work"/rpms/*.rpm; do
    mv "$package" artifacts/packages/
    echo "artifacts/packages/${package##*/}"
done
