# Sourced by build.sh and boot.sh: names, places, and how progress is said.
# VM_ARCH is Debian's name of the guest's architecture. One that is not this machine's is cross-compiled for.
arch=${VM_ARCH:-amd64} cross=
case $arch in
    amd64) emulator=qemu-system-x86_64 emulator_package=qemu-system-x86 ;;
    arm64) emulator=qemu-system-aarch64 emulator_package=qemu-system-arm cross=aarch64-linux-gnu- ;;
    *) echo "ARCH=$arch: there is a guest for amd64 and for arm64" >&2; exit 2 ;;
esac
series=${VM_KERNEL:-$([ -n "$cross" ] && echo 6.1 || echo 6.12)}
# A series and one of the flavours that Debian builds of it: -rt is preemptible everywhere, -cloud has few drivers.
if ! [[ $series =~ ^([0-9]+\.([0-9]+|x))(-(rt|cloud))?$ ]]; then echo "VM_KERNEL=$series: give a series as 5.10, 6.1 or 6.12, or 7.x for the newest of unstable, and perhaps a flavour as 6.12-rt or 6.12-cloud" >&2; exit 2; fi
# shellcheck disable=SC2034
number=${BASH_REMATCH[1]} flavour=${BASH_REMATCH[3]}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
vm=$root/artifacts/vm
built=$vm/$series
# Programs that run in the guest, where they are not this machine's own.
guest=$built/programs
if [ -n "$cross" ]; then built=$vm/$series-$arch guest=$built/guest; fi

began=$SECONDS
title=${title:-vm-test}
say() { printf '%s %4ds  %s\n' "$title" "$((SECONDS - began))" "$*"; }
fail() { say "$*" >&2; exit 1; }
has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" > /dev/null; }

# Runs a command quietly; what it said is shown only if it fails.
quietly() {
    local said
    said=$("$@" 2>&1) || { printf '%s\n' "$said" | tail -n 40 >&2; return 1; }
}

# qemu [COMMAND…] EMULATOR ARGUMENT…: QEMU of VM_QEMU, or as the machine has it, else the one that build.sh unpacked, with the libraries, modules and firmware that came with it. What the machine has of
# them already did not come.
qemu() {
    if [ -n "${VM_QEMU:-}" ]; then
        PATH=$vm/qemu-$VM_QEMU/run:$PATH exec "$@"
    fi
    if has $emulator; then
        PATH=$PATH:/usr/sbin:/sbin exec "$@"
    fi
    LD_LIBRARY_PATH=$vm/qemu/usr/lib/x86_64-linux-gnu:$vm/qemu/lib/x86_64-linux-gnu PATH=$vm/qemu/usr/bin:$PATH QEMU_MODULE_DIR=/usr/lib/x86_64-linux-gnu/qemu exec "$@" \
        -L "$vm/qemu/usr/share/qemu" -L "$vm/qemu/usr/share/seabios" -L "$vm/qemu/usr/lib/ipxe/qemu" \
        -L /usr/share/qemu -L /usr/share/seabios -L /usr/lib/ipxe/qemu
}

. "$root/tests/apt.sh"
