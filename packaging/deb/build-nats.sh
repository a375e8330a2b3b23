#!/bin/sh
# build-nats.sh ARCHITECTURE BINARY: writes artifacts/packages/uevent-manager-nats_VERSION-REVISION_ARCHITECTURE.deb: `uevent-nats`, and the unit that
# publishes this host. Installing it enables nothing. NATS_TOOL is one that runs here.
set -eu
cd "$(dirname "$0")/../.."
. packaging/deb/common.sh

binary=$2
begin uevent-manager-nats "$1"
DESTDIR=$tree PREFIX=/usr NATS=$binary NATS_TOOL=${NATS_TOOL:-$binary} packaging/install.sh install-nats
documents
# It need not stand beside the base.
gzip --best --no-name < CHANGELOG.md > "$doc/changelog.gz"
mkdir -p "$tree/usr/share/lintian/overrides"
sed 's|^uevent-manager:|uevent-manager-nats:|; s|usr/bin/ueventctl|usr/bin/uevent-nats|; s|usr/share/doc/uevent-manager/|usr/share/doc/uevent-manager-nats/|' \
    packaging/deb/lintian-overrides > "$tree/usr/share/lintian/overrides/uevent-manager-nats"
scripts nats.
echo /etc/default/uevent-manager-nats > "$tree/DEBIAN/conffiles"
pack "Depends: $(libraries "$binary")
Recommends: uevent-manager, libssl3 | libssl3t64" << END
Description: settled device events of many hosts on NATS JetStream
 Publishes the state of a host's devices and every change of it to a stream, and
 shows those of a whole fleet from anywhere: which host has such a device, when
 it came, and what happens to it.
 .
 uevent-manager-nats.service publishes the host that it runs on. It does not run
 until it is enabled.
END
