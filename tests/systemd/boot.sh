#!/usr/bin/env bash
# Boots a small Debian with systemd as PID 1, installs the package there as a user would, and prints one row for each thing that an
# administrator relies on: `make systemd-test`. A guest that panics, hangs or says nothing has failed.
# Environment: VM_SUITE (bookworm, trixie …), VM_MIRROR, VM_KERNEL, VM_DEADLINE in seconds, VM_PARTS (of the first boot: "install libvirt").
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
title=systemd-test
. "$here/../vm/common.sh"
. "$here/suite.sh"
deadline=${VM_DEADLINE:-2400}
share=$guest/share out=$guest/out
rm -rf "$share" "$out" && mkdir -p "$share" "$out"
cp -r "$here/guest" "$share/guest"
cp "$root/tests/UeventManager.KernelTests/Harness/clients.sh" "$share/clients.sh"
echo "${VM_PARTS:-install journal restart watchdog beside retell libvirt forward}" > "$share/parts"
SYSTEMD_VERSION=$(cat "$guest/systemd-version")
export SYSTEMD_VERSION
for revision in 1 2; do
    deb=$(cd "$root" && COMPRESSION=none REVISION=$revision packaging/deb/build.sh amd64 artifacts/bin/ueventctl) || fail "the package cannot be built"
    mv "$deb" "$share/uevent-manager-$revision.deb"
done

deb=$(cd "$root" && COMPRESSION=none REVISION=1 packaging/deb/build-udev.sh) || fail "the package cannot be built"
mv "$deb" "$share/uevent-manager-udev.deb"

if [ ! "$guest/root.img" -nt "$guest/key" ]; then
    say "image"
    rm -f "$guest/root.img.new"
    quietly mke2fs -q -t ext4 -d "$guest/root" "$guest/root.img.new" 1400M || fail "mke2fs failed"
    mv "$guest/root.img.new" "$guest/root.img"
fi

# libvirt of the same release, if tests/unpack-clients.sh has been run: a second disk.
clients=$root/artifacts/tools/clients$([ "$suite" = bookworm ] || echo "-$suite")
disks=(-drive "file=$guest/root.img,format=raw,if=virtio,snapshot=on")
if [ -e "$clients/complete" ]; then
    if [ ! "$guest/clients.img" -nt "$clients/complete" ]; then
        rm -f "$guest/clients.img.new"
        quietly mke2fs -q -t ext4 -d "$clients/tree" "$guest/clients.img.new" 400M || fail "mke2fs failed"
        mv "$guest/clients.img.new" "$guest/clients.img"
    fi
    disks+=(-drive "file=$guest/clients.img,format=raw,if=virtio,snapshot=on")
fi

. "$here/machine.sh"
machine=("${machine[@]}" -accel tcg,thread=multi -append "$arguments" "${disks[@]}")
console=$guest/console.log
: > "$console"
say "boot $suite with systemd $SYSTEMD_VERSION, linux $release, at most $deadline s"
(qemu timeout --foreground --kill-after=5 "$deadline" nice -n 10 qemu-system-x86_64 "${machine[@]}" -serial "file:$console") > "$guest/qemu.log" 2>&1 &
machine_pid=$!
trap 'kill $machine_pid 2> /dev/null || true' EXIT

tail --lines=+1 --follow --sleep-interval=0.2 --pid="$machine_pid" "$console" 2> /dev/null | sed --unbuffered 's/\r$//' | while read -r line; do
    case $line in
        *VM-SAY\ *) say "${line#*VM-SAY }" ;;
        *VM-ROW\ *) IFS='|' read -r verdict what detail <<< "${line#*VM-ROW }"; say "$(printf '%-6s %s: %s' "$verdict" "$what" "$detail")" ;;
    esac
done
code=0
wait "$machine_pid" || code=$?
trap - EXIT

tr -d '\r' < "$console" | sed -n 's/.*VM-ROW //p' > "$guest/rows.txt"
result=$(tr -d '\r' < "$console" | sed -n 's/.*VM-END //p' | tail -n 1)
if [ -z "$result" ]; then
    tail -n 40 "$console"
    cat "$guest/qemu.log"
    [ $code -eq 124 ] && fail "FAIL: the guest was not done after $deadline s"
    fail "FAIL: the guest ended without a result (QEMU: $code)"
fi
[ -s "$guest/rows.txt" ] || fail "FAIL: nothing was checked"
failed=$(grep -vc '^ok|' "$guest/rows.txt" || true)
[ "$result" = 0 ] && [ "$failed" = 0 ] || fail "FAIL: $failed of $(wc -l < "$guest/rows.txt") checks, exit code $result; the console is in ${console#"$root/"}, the journals in ${out#"$root/"}"
say "PASS: $suite, systemd $SYSTEMD_VERSION: $(wc -l < "$guest/rows.txt") checks"
