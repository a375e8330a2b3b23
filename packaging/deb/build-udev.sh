#!/bin/sh
# build-udev.sh: writes artifacts/packages/uevent-manager-udev_VERSION-REVISION_all.deb: the units of `ueventctl forward` and `ueventctl retell`.
# Installing it enables nothing.
set -eu
cd "$(dirname "$0")/../.."
. packaging/deb/common.sh

begin uevent-manager-udev all
DESTDIR=$tree PREFIX=/usr packaging/install.sh install-udev
documents
cp docs/forward.md "$doc/forward.md"
scripts udev.
pack "Depends: uevent-manager (= $version)" << END
Description: settled device events for programs that know only udev
 Tells programs that use libudev of devices once these are complete: in
 containers and on hosts without udevd in udevd's own format and with its
 database (forward), beside udevd by having it tell again (retell), and by gates
 at which systemd's units and udevd wait until a device is complete.
 .
 Each forwarder is an instance of uevent-forward@.service with a file of options
 in /etc/uevent-manager/forward.d; what works beside udevd is
 uevent-manager-retell.service. None runs until it is enabled.
END
