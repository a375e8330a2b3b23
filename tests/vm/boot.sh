#!/usr/bin/env bash
# Boots the guest that build.sh made and says its verdict: `make vm-test`, or `make vm-shell` with an argument "shell".
# A guest that panics, hangs or says nothing has failed. Environment: VM_ARCH, VM_KERNEL, VM_CPUS, VM_FULL=1 (all rounds), VM_ONLY=mdev,pci.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
mode=${1:-test}
deadline=${VM_DEADLINE:-$([ "${VM_FULL:-0}" = 1 ] && echo 7200 || echo 1800)}

# What the guest sees: a copy, so that a build beside it changes nothing.
share=$built/share out=$built/out
rm -rf "$share" "$out" && mkdir -p "$share/programs/bin" "$out"
cp -r "$root/rules" "$share/rules"
cp -r "$here/guest" "$share/guest"
# The shared libraries and the loader that a program names, by their paths below the root that it runs in.
libraries() {
    local name
    if [ -z "$cross" ]; then
        ldd "$1" 2> /dev/null | grep -oE '/[^ ]+'
        return
    fi
    {
        "${cross}readelf" --program-headers "$1" | sed -n 's/.*program interpreter: \(.*\)\]/\1/p'
        for name in $("${cross}readelf" --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
            (cd "$guest" && find lib usr/lib -name "$name" -printf '/%p\n' -quit)
        done
    } | while read -r name; do
        [ -e "$share/programs$name" ] || { echo "$name"; libraries "$guest$name"; }
    done
}
# Programs of the guest's root, this machine's own unless they are for another architecture.
stage() {
    cp "$1" "$share/programs/bin/"
    libraries "$1" | while read -r library; do
        mkdir -p "$share/programs$(dirname "$library")"
        cp --dereference --no-clobber "$from$library" "$share/programs$library"
    done
}
from='' program=$root/artifacts/bin/ueventctl
if [ -n "$cross" ]; then from=$guest program=$root/artifacts/$arch/ueventctl; fi
stage "$program"
for name in ip losetup vdpa rdma; do
    if path=$(PATH=$from/bin:$from/usr/bin:$from/sbin:$from/usr/sbin:${from:-$PATH} command -v $name); then stage "$path"; fi
done
stage "$guest/bin/kmod"
cp "$built/tools/"* "$share/programs/bin/"
for name in modprobe rmmod lsmod; do ln -sf kmod "$share/programs/bin/$name"; done

# An older nvme gives memory back when its function has left its IOMMU domain (nvme_pci_free_ctrl(), nvme_dbbuf_dma_free()), and the kernel panics.
case $arch-$(cat "$built/release") in *-5.10.* | arm64-6.1.*) iommu=off ;; *) iommu=on ;; esac

options="quiet loglevel=3 panic=-1 oops=panic vm.full=${VM_FULL:-0} vm.only=${VM_ONLY:-} vm.shell=$([ "$mode" = shell ] && echo 1 || echo 0)"
case $arch in
    # After a suspend to memory only the processor's clock still runs in QEMU, not the HPET and not the ACPI timer.
    # Nehalem has what .NET needs. With `max` one guest died (a double fault); whether that was the reason is not known.
    amd64) machine=(-machine q35,nvdimm=on,hpet=off -cpu Nehalem -m 2048,slots=2,maxmem=4G
        -append "console=ttyS0 random.trust_cpu=on intel_iommu=$iommu intremap=off no_timer_check tsc=reliable $options") ;;
    # A processor of servers, with the atomic instructions of ARMv8.1.
    arm64) machine=(-machine virt,gic-version=3,iommu=$([ $iommu = on ] && echo smmuv3 || echo none) -cpu neoverse-n1 -m 2048 -append "console=ttyAMA0 $options") ;;
esac
machine+=(
    -accel tcg,thread=multi -smp "${VM_CPUS:-2}" -nodefaults -no-user-config -no-reboot -nographic
    -kernel "$built/vmlinuz" -initrd "$built/initramfs.img"
    -virtfs "local,path=$share,mount_tag=share,security_model=none,readonly=on,multidevs=remap"
    -virtfs "local,path=$built/tree/lib/modules,mount_tag=modules,security_model=none,readonly=on,multidevs=remap"
    -virtfs "local,path=$out,mount_tag=out,security_model=none,multidevs=remap"
)
igb=none
if (qemu $emulator -device igb,help) 2> /dev/null | grep '^igb ' > /dev/null; then igb=igb; fi
mapfile -t devices < <(sed -n "/^-/p; s/^$arch //p; s/^$igb //p" "$here/devices.txt")
for device in "${devices[@]}"; do
    # shellcheck disable=SC2206
    machine+=($device)
done

if [ "$mode" = shell ]; then
    qemu $emulator "${machine[@]}" -serial mon:stdio
fi

console=$built/console.log
: > "$console"
say "boot linux $(cat "$built/release"), at most $deadline s"
(qemu timeout --foreground --kill-after=5 "$deadline" $emulator "${machine[@]}" -serial "file:$console") > "$built/qemu.log" 2>&1 &
guest=$!
trap 'kill $guest 2> /dev/null || true' EXIT

# The console as it grows: what the guest says is passed on, rows are kept.
tail --lines=+1 --follow --sleep-interval=0.2 --pid="$guest" "$console" 2> /dev/null | sed --unbuffered 's/\r$//' | while read -r line; do
    case $line in
        *VM-SAY\ * | *VM-FAIL\ * | *VM-SKIP\ *) say "${line#*VM-}" ;;
    esac
done
code=0
wait "$guest" || code=$?
trap - EXIT

tr -d '\r' < "$console" > "$console.text"
result=$(sed -n 's/^VM-END //p' "$console.text" | tail -n 1)
sed -n 's/^VM-ROW //p' "$console.text" > "$built/rows.txt"
awk -f "$here/table.awk" "$built/rows.txt"
{
    echo "Linux $(cat "$built/release"), $(date --utc +%F), exit code of the guest: ${result:-none}"
    echo
    awk -v markdown=1 -f "$here/table.awk" "$built/rows.txt"
} > "$built/table.md"
if [ -z "$result" ]; then
    tail -n 40 "$console.text"
    cat "$built/qemu.log"
    [ $code -eq 124 ] && fail "FAIL: the guest was not done after $deadline s"
    fail "FAIL: the guest ended without a result (QEMU: $code)"
fi
# A scenario without rows says that it has been through.
[ -s "$built/rows.txt" ] || grep -q '^VM-SAY ok ' "$console.text" || fail "FAIL: no scenario ran"
[ "$result" = 0 ] || fail "FAIL: $(grep -c '^VM-FAIL' "$console.text") failures, exit code $result; the console is in ${console#"$root/"}"
say "PASS: linux $(cat "$built/release"), $(wc -l < "$built/rows.txt") rows; as Markdown in ${built#"$root/"}/table.md"
