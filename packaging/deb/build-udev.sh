#!/bin/sh
# build-udev.sh: writes artifacts/packages/uevent-manager-udev_VERSION-REVISION_all.deb: the units that run `ueventctl forward` and `ueventctl retell`.
# Installing it enables nothing. The same source gives the same bytes.
set -eu
cd "$(dirname "$0")/../.."

. packaging/version.sh
maintainer=${MAINTAINER:-The UeventManager authors <authors@ueventmanager.org>}
version=$version-${REVISION:-1}
output=artifacts/packages/uevent-manager-udev_${version}_all.deb

umask 022
tree=$(mktemp --directory)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

DESTDIR=$tree PREFIX=/usr packaging/install.sh install-udev
doc=$tree/usr/share/doc/uevent-manager-udev
mkdir -p "$doc" "$tree/DEBIAN"
cp packaging/deb/copyright "$doc/copyright"
cp docs/forward.md "$doc/forward.md"
for script in postinst prerm postrm; do
    cp "packaging/deb/udev.$script" "$tree/DEBIAN/$script"
    chmod 755 "$tree/DEBIAN/$script"
done
gzip --best --no-name > "$doc/changelog.Debian.gz" << END
uevent-manager ($version) unstable; urgency=medium

  * Built from the source of this version; changelog.gz of uevent-manager says what changed.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | LC_ALL=C sort | xargs md5sum) > "$tree/DEBIAN/md5sums"
cat > "$tree/DEBIAN/control" << END
Package: uevent-manager-udev
Version: $version
Architecture: all
Maintainer: $maintainer
Installed-Size: $(du --summarize --apparent-size --block-size=1024 "$tree" | cut -f1)
Depends: uevent-manager (= $version)
Section: admin
Priority: optional
Description: settled device events for programs that know udev alone
 Tells programs that use libudev of devices once these are complete: in
 containers and on hosts without udevd in udevd's own format and with its
 database (forward), beside udevd by having it tell again (retell), and by gates
 at which systemd's units and udevd wait until a device is complete.
 .
 Each forwarder is an instance of uevent-forward@.service with a file of options
 in /etc/uevent-manager/forward.d; what works beside udevd is
 uevent-manager-retell.service. None runs until it is enabled.
END
find "$tree" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
mkdir -p artifacts/packages
dpkg-deb --root-owner-group -Z${COMPRESSION:-xz} --build "$tree" "$output" > /dev/null
echo "$output"
