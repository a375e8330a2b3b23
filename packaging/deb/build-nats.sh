#!/bin/sh
# build-nats.sh ARCHITECTURE BINARY: writes artifacts/packages/uevent-manager-nats_VERSION-REVISION_ARCHITECTURE.deb: `uevent-nats`, and the unit that
# publishes this host. Installing it enables nothing. The same source and binary give the same bytes.
set -eu
cd "$(dirname "$0")/../.."

architecture=$1 binary=$2
. packaging/version.sh
maintainer=${MAINTAINER:-The UeventManager authors <authors@ueventmanager.org>}
version=$version-${REVISION:-1}
output=artifacts/packages/uevent-manager-nats_${version}_$architecture.deb

umask 022
tree=$(mktemp --directory)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

DESTDIR=$tree PREFIX=/usr NATS=$binary packaging/install.sh install-nats
doc=$tree/usr/share/doc/uevent-manager-nats
mkdir -p "$tree/DEBIAN" "$tree/usr/share/lintian/overrides"
cp packaging/deb/copyright "$doc/copyright"
gzip --best --no-name < CHANGELOG.md > "$doc/changelog.gz"
gzip --best --no-name > "$doc/changelog.Debian.gz" << END
uevent-manager ($version) unstable; urgency=medium

  * Built from the source of this version; changelog.gz says what changed.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
sed 's|^uevent-manager:|uevent-manager-nats:|; s|usr/bin/ueventctl|usr/bin/uevent-nats|; s|usr/share/doc/uevent-manager/|usr/share/doc/uevent-manager-nats/|' \
    packaging/deb/lintian-overrides > "$tree/usr/share/lintian/overrides/uevent-manager-nats"
echo /etc/default/uevent-manager-nats > "$tree/DEBIAN/conffiles"

# The bridge that runs goes on with the new program: it loses nothing.
cat > "$tree/DEBIAN/postinst" << 'END'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload > /dev/null || true
    if [ -n "$2" ]; then systemctl --system try-restart uevent-manager-nats.service > /dev/null || true; fi
fi
END
cat > "$tree/DEBIAN/prerm" << 'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl --system disable --now uevent-manager-nats.service > /dev/null 2>&1 || true
fi
END
cat > "$tree/DEBIAN/postrm" << 'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload > /dev/null || true
fi
END
chmod 755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm" "$tree/DEBIAN/postrm"
libc=$(grep --text --only-matching 'GLIBC_2\.[0-9]*' "$binary" | sort --version-sort | tail -n 1)
depends="libc6 (>= ${libc#GLIBC_})"
if grep --text --quiet 'libstdc++\.so' "$binary"; then depends="$depends, libgcc-s1, libstdc++6 (>= 7)"; fi
(cd "$tree" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\n' | LC_ALL=C sort | xargs md5sum) > "$tree/DEBIAN/md5sums"
cat > "$tree/DEBIAN/control" << END
Package: uevent-manager-nats
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du --summarize --apparent-size --block-size=1024 "$tree" | cut -f1)
Depends: $depends
Recommends: uevent-manager, libssl3 | libssl3t64
Section: admin
Priority: optional
Description: settled device events of many hosts on NATS JetStream
 Publishes the state of a host's devices and every change of it to a stream, and
 shows those of a whole fleet from anywhere: which host has such a device, when
 it came, and what happens to it.
 .
 uevent-manager-nats.service publishes the host that it runs on. It does not run
 until it is enabled.
END
find "$tree" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
mkdir -p artifacts/packages
dpkg-deb --root-owner-group -Z${COMPRESSION:-xz} --build "$tree" "$output" > /dev/null
echo "$output"
