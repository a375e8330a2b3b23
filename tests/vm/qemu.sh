#!/usr/bin/env bash
# The first part of build.sh: the emulator. This machine's own if it has one, else that of its own distribution, else, as VM_QEMU=trixie says, that of a
# release of Debian, with all that it is linked with. It is unpacked, never installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
. "$here/apt.sh"

if [ -n "${VM_QEMU:-}" ]; then
    own=$vm/qemu-$VM_QEMU
    if [ -x "$own/run/$emulator" ]; then exit; fi
    private_release "$VM_QEMU" amd64
    unpack_closure "$own" "QEMU of $VM_QEMU" base-files "$emulator_package"
    mkdir -p "$own/run"
    # Its own loader and libraries: this machine's may be older.
    cat > "$own/run/$emulator" << END
#!/bin/sh
export QEMU_MODULE_DIR='$own/usr/lib/x86_64-linux-gnu/qemu'
exec '$own/usr/lib64/ld-linux-x86-64.so.2' --library-path '$own/usr/lib/x86_64-linux-gnu' '$own/usr/bin/$emulator' \\
    -L '$own/usr/share/qemu' -L '$own/usr/share/seabios' -L '$own/usr/lib/ipxe/qemu' "\$@"
END
    chmod 755 "$own/run/$emulator"
    exit
fi
if has $emulator || [ -x "$vm/qemu/usr/bin/$emulator" ]; then exit; fi

packages=$vm/packages
mkdir -p "$packages/partial"
say "download and unpack QEMU"
(cd "$packages" && quietly apt-get install --download-only --yes --quiet=2 --no-install-recommends \
    -o Dir::Cache::archives="$packages" -o Debug::NoLocking=1 $emulator_package) || fail "apt-get cannot download $emulator_package"
rm -rf "$vm/qemu.new" && mkdir -p "$vm/qemu.new"
# Beside that for another architecture.
[ ! -d "$vm/qemu" ] || cp -r "$vm/qemu/." "$vm/qemu.new"
for package in $(apt-get install --print-uris --yes --quiet=2 --no-install-recommends $emulator_package | awk '{ print $2 }'); do
    dpkg-deb --extract "$packages/$package" "$vm/qemu.new"
done
rm -rf "$vm/qemu" && mv "$vm/qemu.new" "$vm/qemu"
