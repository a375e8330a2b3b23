# Sourced by boot.sh and boot-time.sh, with $share and $out made: the initramfs, and the machine but for its processor's pace, its disk and
# the kernel's arguments.
# shellcheck disable=SC2034,SC2154
release=$(cat "$built/release")
tree=$built/tree

# The initramfs finds the root file system and the shares; everything after that is systemd's.
initramfs=$guest/initramfs
rm -rf "$initramfs" && mkdir -p "$initramfs"/{bin,proc,sys,dev,root,modules}
cp "$built/programs/bin/busybox" "$initramfs/bin/busybox"
cp "$here/guest/init" "$initramfs/init"
"$built/programs/bin/modprobe" -d "$tree" -S "$release" --show-depends -a 9pnet_virtio 9p virtio_blk ext4 crc32c_generic > "$guest/depends" || fail "modprobe failed"
for module in $(sed -n 's/^insmod \([^ ]*\).*/\1/p' "$guest/depends" | awk '!seen[$0]++'); do
    name=$(basename "$module" .xz)
    case $module in *.xz) xz --decompress --stdout "$module" > "$initramfs/modules/$name" ;; *) cp "$module" "$initramfs/modules/$name" ;; esac
    echo "$name" >> "$initramfs/modules/order"
done
(cd "$initramfs" && find . | "$built/programs/bin/busybox" cpio -o -H newc 2> /dev/null | gzip -1) > "$guest/initramfs.img"

# An image stays as it was built (snapshot=on): what the guest writes goes with it.
arguments="console=ttyS0 quiet loglevel=3 panic=-1 oops=panic random.trust_cpu=on no_timer_check systemd.show_status=no systemd.default_timeout_start_sec=600"
machine=(
    -machine q35 -cpu Nehalem -smp 2 -m 1536 -nodefaults -no-user-config -nographic
    -kernel "$built/vmlinuz" -initrd "$guest/initramfs.img"
    -virtfs "local,path=$share,mount_tag=share,security_model=none,readonly=on,multidevs=remap"
    -virtfs "local,path=$tree/lib/modules,mount_tag=modules,security_model=none,readonly=on,multidevs=remap"
    -virtfs "local,path=$out,mount_tag=out,security_model=none,multidevs=remap"
)
