#!/bin/sh
# build.sh ARCHITECTURE BINARY: writes artifacts/packages/uevent-manager_VERSION-REVISION_ARCHITECTURE.deb. The same source and binary
# give the same bytes: times are SOURCE_DATE_EPOCH's, owners are root, names are sorted by dpkg-deb. COMPRESSION=none is for machines
# that are emulated.
set -eu
cd "$(dirname "$0")/../.."

architecture=$1 binary=$2
. packaging/version.sh
maintainer=${MAINTAINER:-The UeventManager authors <authors@ueventmanager.org>}
version=$version-${REVISION:-1}
output=artifacts/packages/uevent-manager_${version}_$architecture.deb

umask 022
tree=$(mktemp --directory)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

DESTDIR=$tree PREFIX=/usr BINARY=$binary TOOL=${TOOL:-$binary} packaging/install.sh install

doc=$tree/usr/share/doc/uevent-manager
cp packaging/deb/copyright "$doc/copyright"
gzip --best --no-name < CHANGELOG.md > "$doc/changelog.gz"
gzip --best --no-name > "$doc/changelog.Debian.gz" << END
uevent-manager ($version) unstable; urgency=medium

  * Built from the source of this version; changelog.gz says what changed.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
mkdir -p "$tree/usr/share/lintian/overrides"
cp packaging/deb/lintian-overrides "$tree/usr/share/lintian/overrides/uevent-manager"

# What the binary was linked with. One that has the runtime in it (NATIVE=no) is C++ as well.
libc=$(grep --text --only-matching 'GLIBC_2\.[0-9]*' "$binary" | sort --version-sort | tail -n 1)
depends="libc6 (>= ${libc#GLIBC_})"
if grep --text --quiet 'libstdc++\.so' "$binary"; then depends="$depends, libgcc-s1, libstdc++6 (>= 7)"; fi

mkdir "$tree/DEBIAN"
for script in postinst prerm postrm; do
    cp "packaging/deb/$script" "$tree/DEBIAN/$script"
    chmod 755 "$tree/DEBIAN/$script"
done
printf '%s\n' /etc/default/uevent-manager /etc/uevent-manager/run.d/example.conf > "$tree/DEBIAN/conffiles"
(cd "$tree" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\n' | LC_ALL=C sort | xargs md5sum) > "$tree/DEBIAN/md5sums"
cat > "$tree/DEBIAN/control" << END
Package: uevent-manager
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du --summarize --apparent-size --block-size=1024 "$tree" | cut -f1)
Depends: $depends, systemd | systemd-standalone-sysusers | systemd-sysusers
Section: admin
Priority: optional
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
find "$tree" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
mkdir -p artifacts/packages
dpkg-deb --root-owner-group -Z${COMPRESSION:-xz} --build "$tree" "$output" > /dev/null
echo "$output"
