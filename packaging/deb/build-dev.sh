#!/bin/sh
# build-dev.sh: writes artifacts/packages/uevent-manager-dev_VERSION-REVISION_all.deb: what a program needs that subscribes.
set -eu
cd "$(dirname "$0")/../.."
. packaging/deb/common.sh

begin uevent-manager-dev all
DESTDIR=$tree PREFIX=/usr packaging/install.sh install-devel
documents
pack "Recommends: uevent-manager
Breaks: uevent-manager (<< 0.2.0)
Replaces: uevent-manager (<< 0.2.0)" << END
Description: settled device events - for programs that subscribe
 The Varlink interfaces of the daemon, and samples: subscribers in C#, Python
 and shell, and a list of devices as libvirt keeps it.
 .
 The client library for .NET is the NuGet package UeventManager.Client.
END
