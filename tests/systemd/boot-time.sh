#!/usr/bin/env bash
# What `retell` costs a boot: userspace's time until multi-user.target, in BOOTS boots with the unit enabled and as many without, in turn. The guest's
# clock counts instructions (QEMU's icount, one processor at a time), so that other work on this machine changes little. Needs what `make systemd-test` needs.
# Environment: BOOTS, VM_SUITE, VM_KERNEL, VM_DEADLINE in seconds for each boot.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
title=boot-time
. "$here/../vm/common.sh"
. "$here/suite.sh"
unit=uevent-manager-retell.service
boots=${BOOTS:-6} deadline=${VM_DEADLINE:-900}
image=$guest/boot-time.img

# The guest's root file system with both packages in it and the unit enabled, made in mounts that nobody else sees.
if [ "${1:-}" = inside ]; then
    work=$2
    mount -t tmpfs t "$work" && mkdir "$work"/{upper,work,root}
    mount -t overlay -o "lowerdir=$guest/root,upperdir=$work/upper,workdir=$work/work" o "$work/root"
    mount -t proc p "$work/root/proc" && mount -t tmpfs d "$work/root/dev" && mount -t tmpfs r "$work/root/run"
    for node in null zero urandom; do touch "$work/root/dev/$node" && mount --bind "/dev/$node" "$work/root/dev/$node"; done
    cp "$guest"/share/*.deb "$work/root/run/"
    chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive sh -c "apt-get install --yes --quiet=2 /run/*.deb && systemctl enable $unit"
    umount "$work"/root/{dev/null,dev/zero,dev/urandom,dev,run,proc}
    mke2fs -q -t ext4 -d "$work/root" "$image" 1500M
    exit
fi

share=$guest/share out=$guest/out
rm -rf "$share" "$out" "$image" && mkdir -p "$share" "$out"
SYSTEMD_VERSION=$(cat "$guest/systemd-version")
export SYSTEMD_VERSION
deb=$(cd "$root" && COMPRESSION=none REVISION=0boot packaging/deb/build.sh amd64 artifacts/bin/ueventctl) && mv "$deb" "$share/uevent-manager.deb" || fail "the package cannot be built"
deb=$(cd "$root" && COMPRESSION=none REVISION=0boot packaging/deb/build-udev.sh) && mv "$deb" "$share/uevent-manager-udev.deb" || fail "the package cannot be built"
work=$(mktemp --directory)
quietly unshare --mount --net --pid --fork --propagation private "${BASH_SOURCE[0]}" inside "$work" || fail "the image cannot be made"
rmdir "$work"
cp -r "$here/guest" "$share/guest"
. "$here/machine.sh"

boot() { # without|with
    local console=$guest/boot-time.log mask=
    [ "$1" = with ] || mask="systemd.mask=$unit"
    rm -f "$console"
    (qemu timeout --kill-after=5 "$deadline" nice -n 10 qemu-system-x86_64 "${machine[@]}" -accel tcg,thread=single -icount shift=2 \
        -append "$arguments nokaslr uevent.boot-time $mask" -drive "file=$image,format=raw,if=virtio,snapshot=on" -serial "file:$console") > "$guest/qemu.log" 2>&1 || true
    read -r usec state < <(tr -d '\r' < "$console" | sed -n 's/.*VM-TIME //p') || { tail -n 20 "$console" "$guest/qemu.log"; fail "FAIL: a boot $1 it ended without a result"; }
    case $1-$state in with-active | without-inactive) ;; *) fail "FAIL: in a boot $1 it the unit was $state" ;; esac
    echo "$usec" >> "$guest/boot-time.$1"
    say "$1 it: $((usec / 1000)) ms"
    tr -d '\r' < "$console" | sed -n 's/.*VM-UNIT /    /p'
}

rm -f "$guest"/boot-time.with*
for i in $(seq "$boots"); do
    # Each is the first of a pair as often as the second.
    if [ $((i % 2)) = 1 ]; then boot without; boot with; else boot with; boot without; fi
done

summary() { # FILE: mean, standard deviation, median, least, greatest, in ms
    sort -n "$1" | awk '{ v[NR] = $1 / 1000; sum += v[NR] } END { mean = sum / NR; for (i in v) square += (v[i] - mean) ^ 2; print mean, (NR > 1 ? sqrt(square / (NR - 1)) : 0), (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2, v[1], v[NR] }'
}
read -r -a without < <(summary "$guest/boot-time.without")
read -r -a with < <(summary "$guest/boot-time.with")
show() { printf '%-8s mean %.0f ms, standard deviation %.0f, median %.0f, from %.0f to %.0f' "$@"; }
say "$(show without "${without[@]}")"
say "$(show with "${with[@]}")"
# The standard error of a difference of two means.
say "$(awk -v a="${without[0]}" -v b="${with[0]}" -v sa="${without[1]}" -v sb="${with[1]}" -v n="$boots" 'BEGIN { printf "slower by %.2f %% (standard error %.2f %%), %d boots each", (b - a) / a * 100, sqrt((sa * sa + sb * sb) / n) / a * 100, n }')"
