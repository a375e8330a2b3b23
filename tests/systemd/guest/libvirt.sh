# libvirtd and virsh of the distribution, unchanged, beside udevd and retell. They are on a disk of their own, to be laid over /usr, and are not installed.
virsh() { nsenter --target="$libvirtd" --mount -- virsh -q -c nodedev:///system "$@"; }
# It is complete once it has this address, of which the kernel tells nobody.
address=02:00:00:00:00:99
made() { grep -q "net_$1.*Created" /run/virsh.txt; }
made_complete() { made "${1}_${address//:/_}"; }
# How long before virsh said so, in milliseconds, somebody began to give the address: `ip` alone takes a tenth of a second here.
told_after() { echo $(($(date -d "$(sed -n "s/^\(.*+0000\): .*net_${1}_${address//:/_}.*Created.*/\1/p" /run/virsh.txt | head -n 1)" +%s%3N) - $2)); }
answers() { virsh nodedev-list | grep -x computer; }
has_ended() { ! kill -0 "$libvirtd"; }
is_there() {
    until_true 600 eval 'answers || has_ended'
    answers || { cat /run/libvirtd.txt; return 1; }
}
listens_to_all() { link "probe$SECONDS" && sleep 1 && grep -q 'net_probe.*Created' /run/virsh.txt; }
repaired() {
    link late20
    until_true 120 made late20 || { cat /run/virsh.txt; return 1; }
    ! made_complete late20 || return 1
    local at; at=$(date +%s%3N); ip link set late20 address $address
    until_true 120 made_complete late20 || { cat /run/virsh.txt; return 1; }
    echo "it came too early, and had the device right at most $(told_after late20 "$at") ms after it was complete"
}
behind_block() {
    local i at after=()
    for i in 21 22 23; do
        # One process, because each takes a good part here of the two seconds that a worker waits.
        { sleep 1; date +%s%3N > /run/began; echo "link add late$i type veth peer name xlate$i"; sleep 0.3; date +%s%3N > /run/at; echo "link set late$i address $address"; } | ip -batch -
        at=$(cat /run/at)
        [ $(($(date +%s%3N) - $(cat /run/began))) -lt 1900 ] || { echo "skipped: the machine is too slow"; return 0; }
        until_true 120 made_complete late$i && until_true 120 made xlate$i || { cat /run/virsh.txt; return 1; }
        ! grep "net_late${i}_.*Created" /run/virsh.txt | grep -v "${address//:/_}" || return 1
        after+=("$(told_after late$i "$at")")
    done
    echo "libvirt saw three devices as they are and never before, at most ${after[*]} ms after each was complete"
}
mediated() {
    local id=83b8f4f2-509f-382f-3c1e-e6bfe0fa1120
    echo $id > /sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create || return 1
    until_true 120 grep -q "mdev_${id//-/_}.*Created" /run/virsh.txt || { cat /run/virsh.txt; return 1; }
    virsh nodedev-dumpxml "$(virsh nodedev-list --cap mdev | grep "${id//-/_}")" | grep -o "<type id='mtty-2'/>"
    echo 1 > /sys/bus/mdev/devices/$id/remove
}
rule() { # ITEMS: of a rule for late*
    printf 'version: 1\nsubsystem: net\nrules:\n  - {name: address, on: [add], match: {sysname: "late*"}, wait: [{attribute: address, equals: "%s"}], timeout: 10min%s}\n' $address "$1" > /etc/uevent-manager/rules.d/04-libvirt.yaml
    reload
}
if [ -b /dev/vdb ] && modprobe overlay && mkdir -p /srv/clients && mount -o ro /dev/vdb /srv/clients; then
    rule ""
    retell=uevent-manager-retell.service
    [ -e /usr/lib/systemd/system/$retell ] || [ -e /lib/systemd/system/$retell ] || shows "apt install ./uevent-manager-udev.deb" apt-get install --yes --quiet=2 /share/uevent-manager-udev.deb
    shows "retell for libvirt" systemctl start $retell
    sh /share/clients.sh /srv/clients - /run/udev libvirtd > /run/libvirtd.txt 2>&1 & libvirtd=$!
    shows "libvirtd is there" is_there
    stdbuf -oL nsenter --target=$libvirtd --mount -- virsh -q -c nodedev:///system nodedev-event --event lifecycle --loop --timestamp > /run/virsh.txt 2>&1 & virsh=$!
    shows "virsh tells of devices" until_true 300 listens_to_all
    shows "retell repairs what libvirt saw too early" repaired
    rule ", gate: block"
    shows "behind a gate that blocks" behind_block
    if modprobe mtty 2> /dev/null; then shows "libvirt has a mediated device with its type" mediated; fi
    kill $virsh $libvirtd
    systemctl stop $retell
    for each in /sys/class/net/late* /sys/class/net/probe*; do ip link del "$(basename "$each")"; done
    rm /etc/uevent-manager/rules.d/04-libvirt.yaml
    reload
else
    row ok "libvirtd" "skipped: tests/unpack-clients.sh has not been run"
fi
