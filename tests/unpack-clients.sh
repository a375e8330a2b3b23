#!/usr/bin/env bash
# Unpacks Debian's packages of programs that know only udev, and what they need, into artifacts/tools/clients: a tree to be laid over /usr in a mount
# namespace. Nothing is installed. Newer udevadm, of other releases, go to artifacts/tools/udevadm-SUITE, by lists of apt's own kept there.
# A package that cannot be had is said; whoever needs it is skipped with that reason.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/artifacts/tools
. tests/apt.sh
say() { echo "unpack-clients: $*" >&2; }

packages=(
    libvirt-daemon libvirt-clients libvirt0 dmidecode libapparmor1 libaudit1 libblkid1 libbrotli1 libcap-ng0 libcap2 libcurl3-gnutls libdbus-1-3
    libdevmapper1.02.1 libglib2.0-0 libgnutls30 libgssapi-krb5-2 libicu72 libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap-2.5-0
    libncursesw6 libnghttp2-14 libnl-3-200 libnl-route-3-200 libnuma1 libparted2 libpcap0.8 libpciaccess0 libpsl5 libreadline8 librtmp1 libsasl2-2
    libselinux1 libssh-4 libssh2-1 libtirpc3 libtirpc-common libudev1 libxml2 libyajl2
    python3-pyudev python3-gi gir1.2-glib-2.0 gir1.2-gudev-1.0 libgirepository-1.0-1 libgudev-1.0-0 libusb-1.0-0
    network-manager libnm0 libjansson4 libmm-glib0 libndp0 libteamdctl0 libpolkit-gobject-1-0 libpolkit-agent-1-0 libsystemd0 libbluetooth3
    libnewt0.52 libpopt0 libslang2 dbus-daemon dbus-bin dbus dbus-system-bus-common dbus-session-bus-common
)

unpack_clients() {
    [ -e "$tools/clients/complete" ] && return
    rm -rf "$tools/clients" && mkdir -p "$tools/clients/deb" "$tools/clients/tree"
    local missing=0
    apt-get update --quiet=2
    for package in "${packages[@]}"; do
        (cd "$tools/clients/deb" && apt-get download --quiet=2 "$package" > /dev/null 2>&1) || { say "no package $package"; missing=$((missing + 1)); }
    done
    for package in "$tools"/clients/deb/*.deb; do dpkg-deb --extract "$package" "$tools/clients/tree"; done
    # This release still ships part of it below /lib, /bin and /sbin, which are links to /usr on the system itself.
    for part in bin sbin lib; do
        if [ -d "$tools/clients/tree/$part" ]; then mkdir -p "$tools/clients/tree/usr/$part" && cp -a "$tools/clients/tree/$part/." "$tools/clients/tree/usr/$part/"; fi
    done
    rm -rf "$tools/clients/deb"
    # What could not be had is tried again the next time.
    if [ $missing -eq 0 ]; then touch "$tools/clients/complete"; fi
}

# libvirt of another release, and all that it needs, for a tree that is laid over /usr in the same way: this machine's own programs run with its newer libc.
unpack_libvirt() {
    local suite=$1 tree=$tools/clients-$1 package
    [ -e "$tree/complete" ] && return
    rm -rf "$tree" && mkdir -p "$tree/tree"
    private_apt "$tree/apt" amd64 "$suite" || { say "no lists of $suite"; return; }
    if by_apt apt-get install --yes --quiet=2 --download-only libvirt-daemon libvirt-daemon-driver-nodedev libvirt-clients > /dev/null 2>&1; then
        for package in "$tree"/apt/cache/archives/*.deb; do dpkg-deb --extract "$package" "$tree/tree"; done
        # What is still below /lib, /bin and /sbin.
        for part in bin sbin lib lib64; do
            if [ -d "$tree/tree/$part" ] && [ ! -L "$tree/tree/$part" ]; then mkdir -p "$tree/tree/usr/$part" && cp -a "$tree/tree/$part/." "$tree/tree/usr/$part/"; fi
        done
        touch "$tree/complete"
    else
        say "$suite has no libvirt that can be unpacked"
    fi
    rm -rf "$tree/apt"
}

# podman, what it runs, and systemd-nspawn; and an image for both: busybox, and udevadm with its libraries.
unpack_engines() {
    local tree=$tools/engines library package missing=0
    [ -e "$tree/complete" ] && return
    rm -rf "$tree" && mkdir -p "$tree/tree" "$tree/image"/{bin,dev,etc,proc,run,sys,tmp,usr/bin}
    apt-get update --quiet=2
    for package in podman conmon crun netavark catatonit golang-github-containers-common golang-github-containers-image libgpgme11 libassuan0 libgpg-error0 libsubid4 \
        libseccomp2 libdevmapper1.02.1 libyajl2 libglib2.0-0 libsystemd0 libselinux1 libsemanage2 libsepol2 libaudit1 libcap-ng0 libcap2 libpcre2-8-0 libudev1 \
        iptables libip4tc2 libip6tc2 libxtables12 libnetfilter-conntrack3 libnfnetlink0 libmnl0 libnftnl11 busybox-static \
        systemd-container libsystemd-shared libacl1 libblkid1 libcrypt1 libkmod2 liblz4-1 libmount1 libssl3 libpam0g libzstd1; do
        (cd "$tree" && apt-get download --quiet=2 "$package" > /dev/null 2>&1) || { say "no package $package"; missing=$((missing + 1)); }
    done
    for package in "$tree"/*.deb; do dpkg-deb --extract "$package" "$tree/tree"; done
    rm -f "$tree"/*.deb
    for part in bin sbin lib; do
        if [ -d "$tree/tree/$part" ]; then mkdir -p "$tree/tree/usr/$part" && cp -a "$tree/tree/$part/." "$tree/tree/usr/$part/" && rm -rf "${tree:?}/tree/$part"; fi
    done
    # What the packages' scripts would have made; and netavark, not CNI.
    for command in iptables ip6tables; do ln -sf xtables-nft-multi "$tree/tree/usr/sbin/$command"; done
    rm -rf "$tree/tree/etc/cni"
    cp "$tree/tree/usr/bin/busybox" "$tree/image/bin/"
    for command in sh sleep cat ls test; do ln -s busybox "$tree/image/bin/$command"; done
    # systemd-nspawn wants to see one.
    : > "$tree/image/etc/os-release"
    cp "$tools/udev/usr/bin/udevadm" "$tree/image/usr/bin/"
    for library in $(LD_LIBRARY_PATH=$tools/udev/usr/lib/x86_64-linux-gnu ldd "$tools/udev/usr/bin/udevadm" | grep -o '/[^ ]*') /lib/x86_64-linux-gnu/libm.so.6; do
        local place=$tree/image${library#"$tools/udev/usr"}
        mkdir -p "$(dirname "$place")" && cp -L "$library" "$place"
    done
    tar --create --file "$tree/image.tar" --directory "$tree/image" . && rm -rf "$tree/image"
    if [ $missing -eq 0 ]; then touch "$tree/complete"; fi
}

unpack_clients
tests/unpack-udev.sh
unpack_engines
unpack_libvirt trixie
for suite in trixie unstable; do tests/unpack-udev.sh $suite || true; done
