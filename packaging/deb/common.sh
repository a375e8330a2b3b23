#!/bin/sh
# Sourced by the builders of packages, in the root of the source: begin NAME ARCHITECTURE makes $tree, $doc, $version, $output; the others fill it in and
# pack it. The same source and binary give the same bytes: times are SOURCE_DATE_EPOCH's, owners are root, names are sorted by dpkg-deb.
# COMPRESSION=none is for machines that are emulated.
# shellcheck disable=SC2034,SC2154 # for who sources it, and from version.sh
. packaging/version.sh
maintainer=${MAINTAINER:-The UeventManager authors <authors@ueventmanager.org>}
version=$version-${REVISION:-1}
umask 022

begin() { # NAME ARCHITECTURE
    name=$1 architecture=$2
    output=artifacts/packages/${name}_${version}_$architecture.deb
    tree=$(mktemp --directory)
    trap 'rm -rf "$tree"' EXIT
    chmod 755 "$tree"
    doc=$tree/usr/share/doc/$name
    mkdir -p "$doc" "$tree/DEBIAN"
}

documents() { # of every package; the change log itself is in the base
    cp packaging/deb/copyright "$doc/copyright"
    gzip --best --no-name > "$doc/changelog.Debian.gz" << END
uevent-manager ($version) unstable; urgency=medium

  * Built from the source of this version; changelog.gz of uevent-manager says what changed.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
}

scripts() { # PREFIX: packaging/deb/PREFIXpostinst and so on
    for script in postinst prerm postrm; do
        cp "packaging/deb/$1$script" "$tree/DEBIAN/$script"
        chmod 755 "$tree/DEBIAN/$script"
    done
}

libraries() { # BINARY: what it was linked with. One that has the runtime in it (NATIVE=no) is C++ as well.
    libc=$(grep --text --only-matching 'GLIBC_2\.[0-9]*' "$1" | sort --version-sort | tail -n 1)
    if grep --text --quiet 'libstdc++\.so' "$1"; then more=", libgcc-s1, libstdc++6 (>= 7)"; else more=; fi
    echo "libc6 (>= ${libc#GLIBC_})$more"
}

pack() { # RELATIONS < DESCRIPTION: packs the tree, and prints where
    (cd "$tree" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\n' | LC_ALL=C sort | xargs md5sum) > "$tree/DEBIAN/md5sums"
    {
        printf '%s\n' "Package: $name" "Version: $version" "Architecture: $architecture" "Maintainer: $maintainer" \
            "Installed-Size: $(du --summarize --apparent-size --block-size=1024 "$tree" | cut -f1)" "$1" "Section: admin" "Priority: optional"
        cat
    } > "$tree/DEBIAN/control"
    # A copy has the modes that the source was checked out with, and these are the umask's.
    chmod -R u=rwX,go=rX "$tree"
    find "$tree" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
    mkdir -p artifacts/packages
    echo "packing $output" >&2
    dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$tree" "$output" > /dev/null
    echo "$output"
}
