#!/bin/sh
# build.sh ARCHITECTURE BINARY: writes artifacts/packages/uevent-manager_VERSION-REVISION_ARCHITECTURE.deb.
set -eu
cd "$(dirname "$0")/../.."
. packaging/deb/common.sh

binary=$2
begin uevent-manager "$1"
DESTDIR=$tree PREFIX=/usr BINARY=$binary TOOL=${TOOL:-$binary} packaging/install.sh install
documents
gzip --best --no-name < CHANGELOG.md > "$doc/changelog.gz"
mkdir -p "$tree/usr/share/lintian/overrides"
cp packaging/deb/lintian-overrides "$tree/usr/share/lintian/overrides/uevent-manager"
scripts ''
printf '%s\n' /etc/default/uevent-manager /etc/uevent-manager/run.d/example.conf > "$tree/DEBIAN/conffiles"
pack "Depends: $(libraries "$binary"), systemd | systemd-standalone-sysusers | systemd-sysusers" << END
Description: sends device events on once the devices are complete
 The kernel announces a device before its attributes, links and children
 exist in sysfs. The daemon of this package waits for each device until what
 a rule names is really there, and only then tells its subscribers, on a Unix
 socket that speaks Varlink: nobody else has to poll, and nobody sees half a
 device.
 .
 It runs beside udev and takes nothing from it. The package has the daemon,
 its command ueventctl, and rules for mediated devices, SR-IOV, PCI, network
 interfaces and block devices.
END
