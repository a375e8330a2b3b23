#!/usr/bin/env bash
# The second half of build.sh, of seconds: the programs that run in the guest, and its initramfs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
tree=$built/tree
release=$(cat "$built/release")

key=$(cd "$here" && { "${cross}gcc" --version; cat "$built/key" tools.sh guest/init tools/*.[ch]; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$built/tools.key" 2> /dev/null)" = "$key" ]; then exit 0; fi
rm -f "$built/tools.key"

say "compile the tools"
mkdir -p "$built/tools"
for tool in probe churn; do
    "${cross}gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -static -o "$built/tools/$tool" "$here"/tools/"$tool"*.c || fail "gcc failed"
done

# The initramfs only mounts the shares; everything else is read from them.
say "initramfs"
initramfs=$built/initramfs
rm -rf "$initramfs" && mkdir -p "$initramfs"/{bin,proc,sys,dev,tmp,run,share,out,lib,lib64,etc,root,usr,modules}
cp "$guest/bin/busybox" "$initramfs/bin/busybox"
cp "$here/guest/init" "$initramfs/init"
chmod 755 "$initramfs/init"
"$built/programs/bin/modprobe" -d "$tree" -S "$release" --show-depends -a virtio_pci 9pnet_virtio 9p > "$built/depends" || fail "modprobe failed"
for module in $(sed -n 's/^insmod \([^ ]*\).*/\1/p' "$built/depends" | awk '!seen[$0]++'); do
    name=$(basename "$module" .xz)
    case $module in
        *.xz) xz --decompress --stdout "$module" > "$initramfs/modules/$name" ;;
        *) cp "$module" "$initramfs/modules/$name" ;;
    esac
    echo "$name" >> "$initramfs/modules/order"
done
# A cpio archive without cpio: busybox has one.
(cd "$initramfs" && find . | "$built/programs/bin/busybox" cpio -o -H newc 2> /dev/null | gzip -1) > "$built/initramfs.img"
# Debian 14 has it beside the modules.
for kernel in "$tree/boot/vmlinuz-$release" "$tree/usr/lib/modules/$release/vmlinuz"; do
    [ ! -e "$kernel" ] || cp "$kernel" "$built/vmlinuz"
done
[ -e "$built/vmlinuz" ] || fail "linux-image-$release has no vmlinuz"
echo "$key" > "$built/tools.key"
