# Beside udevd: units and programs that know only udev see complete devices, and nothing stays shut, whoever ends.
retell=uevent-manager-retell.service
udevd_pid=$(udevd MainPID) since=$(now)
shows "apt install ./uevent-manager-udev.deb" apt-get install --yes --quiet=2 /share/uevent-manager-udev.deb
shows "installing it enables nothing" sh -c "! systemctl --quiet is-enabled $retell && ! systemctl --quiet is-active $retell && echo disabled"
# Mediated devices of a driver of the kernel's samples: mdev_type comes behind the add, and libvirt reads it as soon as udevd tells of the device.
mdev_told() { # HOW: counts what is told too early of ten
    local log=/run/early-$1 parent=/sys/devices/virtual/mtty/mtty listener id
    rm -f $log
    timeout 900 python3 /share/guest/early.py mdev mdev_type 10 $log & listener=$!
    until_true 60 test -e $log || return 1
    for i in $(seq 10 19); do echo "83b8f4f2-509f-382f-3c1e-e6bfe0fa10$i" > $parent/mdev_supported_types/mtty-2/create || { kill $listener; return 1; }; done
    wait $listener
    udevadm settle --timeout=300
    for id in /sys/bus/mdev/devices/*; do echo 1 > "$id/remove"; done
    [ "$(wc -l < $log)" = 10 ] && echo "udev told $(grep -c ^early $log) of 10 mediated devices before they had their mdev_type"
}
has_mtty=false
if modprobe mtty 2> /dev/null; then
    has_mtty=true
    shows "without retell" mdev_told before
else
    row ok "mediated devices" "skipped: this kernel has no mtty"
fi
# A file system on a device of device mapper's, which udev knew before any gate.
modprobe -a loop dm-mod
truncate --size=16M /run/live.img
loop=$(losetup --find --show /run/live.img)
dmsetup create live --table "0 32768 linear $loop 0"
mke2fs -q -t ext4 /dev/mapper/live
udevadm trigger --settle /dev/mapper/live
systemd-mount --quiet /dev/mapper/live /mnt
shows "a file system is mounted from device mapper" mountpoint /mnt
cat > /etc/uevent-manager/rules.d/04-retell.yaml << 'END'
version: 1
subsystem: net
rules:
  - name: late
    on: [add]
    gate: ready
    match: {sysname: "late*"}
    wait: [{attribute: ifalias, equals: complete}]
    timeout: 10min
END
cat > /etc/uevent-manager/rules.d/03-retell.yaml << 'END'
version: 1
subsystem: block
rules:
  - {name: every-disk, on: [add, change], gate: ready}
END
reload
device() { echo "sys-subsystem-net-devices-$1.device"; }
complete() { echo complete > "/sys/class/net/$1/ifalias"; }
entry() { cat "/run/udev/data/n$(cat "/sys/class/net/$1/ifindex")"; }
is_shut() { entry "$1" | grep -qx 'E:UEVENT_SETTLED=0'; }
shows "systemctl enable --now $retell" systemctl enable --now $retell
retell_confined() {
    local status=/proc/$(property $retell MainPID)/status
    grep -q '^NoNewPrivs:	1' $status && grep -q '^Seccomp:	2' $status && grep '^CapEff' $status
}
shows "it runs confined" retell_confined
gated() {
    link late0
    until_true 60 is_shut late0 || { entry late0; return 1; }
    until_true 60 active "$(device xlate0)" || { echo "no unit of the other end, which is complete"; return 1; }
    ! active "$(device late0)" || { echo "its unit is there already"; return 1; }
    complete late0
    until_true 60 active "$(device late0)" || { entry late0; return 1; }
    entry late0 | grep -qx 'G:settled' && echo "its .device unit and the tag settled came once it was complete"
}
shows "a device's unit waits until it is complete" gated
# What an administrator's rule of udev's has systemd start, and what a program hears that filters by a tag.
cat > /etc/udev/rules.d/90-test.rules << 'END'
ACTION!="remove", SUBSYSTEM=="net", KERNEL=="late*|xlate*", TAG+="systemd", ENV{SYSTEMD_WANTS}+="wanted@%k.service"
END
cat > /etc/systemd/system/wanted@.service << 'END'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/touch /run/wanted-%i
END
systemctl daemon-reload
udevadm control --reload
stdbuf -oL udevadm monitor --udev --tag-match=settled > /run/tagged.txt & tagged=$!
until_true 120 grep -q '^UDEV - ' /run/tagged.txt
heard() { grep -q "/net/$1 " /run/tagged.txt; }
wanted() {
    link late6
    until_true 60 is_shut late6 || { entry late6; return 1; }
    # Both are known to work by the other end, which is complete.
    until_true 120 test -e /run/wanted-xlate6 && until_true 120 heard xlate6 || { echo "nothing of the other end"; cat /run/tagged.txt; return 1; }
    [ ! -e /run/wanted-late6 ] || { echo "SYSTEMD_WANTS was started already"; return 1; }
    ! heard late6 || { echo "whoever filters by tag has heard of it already"; return 1; }
    complete late6
    until_true 120 test -e /run/wanted-late6 || { echo "SYSTEMD_WANTS was not started"; entry late6; return 1; }
    until_true 120 heard late6 && echo "neither before, both once it was complete"
}
shows "SYSTEMD_WANTS, and a program that filters by tag" wanted
kill $tagged
killed() { # NAME UNIT
    link "$1"
    until_true 60 is_shut "$1" || { entry "$1"; return 1; }
    local pid; pid=$(property "$2" MainPID)
    kill -KILL "$pid"
    # What is behind retell's end opens them; a daemon that is back at once goes on to wait.
    [ "$2" = $retell ] || { until_true 300 active "$2" && complete "$1"; }
    until_true 300 active "$(device "$1")" || { entry "$1"; return 1; }
    until_true 300 active "$2" && [ "$(property "$2" MainPID)" != "$pid" ] && until_true 300 test -e /run/uevent-manager/gate || return 1
    echo "opened, and $2 runs again"
}
shows "kill -9 of retell leaves nothing shut" killed late1 $retell
shows "kill -9 of the daemon leaves nothing shut" killed late2 $unit
shows "udevd is still the same" undisturbed
killed_udevd() {
    local pid udevd=systemd-udevd.service
    link late7
    until_true 60 is_shut late7 || { entry late7; return 1; }
    pid=$(property $udevd MainPID)
    kill -KILL "$pid"
    complete late7
    until_true 300 active "$(device late7)" || { entry late7; return 1; }
    until_true 300 active $udevd && [ "$(property $udevd MainPID)" != "$pid" ] && echo "opened once it was complete, by the next udevd"
}
shows "kill -9 of udevd leaves nothing shut" killed_udevd
killed_all() {
    link late8
    until_true 60 is_shut late8 || { entry late8; return 1; }
    for each in $unit $retell systemd-udevd.service; do kill -KILL "$(property $each MainPID)"; done
    until_true 300 active "$(device late8)" || { entry late8; return 1; }
    until_true 300 active $unit $retell systemd-udevd.service && until_true 300 test -e /run/uevent-manager/gate && echo "opened, and all three run again"
}
shows "kill -9 of all three at once leaves nothing shut" killed_all
ended() { [ "$(property "$1" ActiveState) $(property "$1" Result) $(property "$1" ExecMainStatus)" = "inactive success 0" ]; }
waits() {
    systemctl start --no-block "uevent-wait@net:late3.service"
    link late3
    until_true 60 is_shut late3 || return 1
    [ "$(property "uevent-wait@net:late3.service" ActiveState)" = activating ] || return 1
    complete late3
    until_true 300 ended uevent-wait@net:late3.service && echo "it waits, and ends with the device complete"
}
shows "uevent-wait@ waits for a device that is not there yet" waits
renamed() {
    link late5
    until_true 60 is_shut late5 || return 1
    ip link set late5 name mine5 || return 1
    udevadm settle --timeout=120
    complete mine5
    until_true 300 active "$(device mine5)" || { entry mine5; return 1; }
    udevadm settle --timeout=120
    [ -e /sys/class/net/mine5 ] && [ ! -e /sys/class/net/late5 ] && echo "its gate is open and its name is mine5"
}
shows "an administrator's name survives" renamed
mounted() {
    # What udev is told of it in a boot and after: none of it may take it away.
    for action in change add change; do udevadm trigger --settle --action=$action /dev/mapper/live "$loop"; done
    systemctl kill --signal=KILL $retell && until_true 300 active $retell && until_true 300 test -e /run/uevent-manager/gate || return 1
    udevadm trigger --settle --action=change /dev/mapper/live
    mountpoint -q /mnt && ! udevadm info /dev/mapper/live | grep 'SYSTEMD_READY=0' && echo "mounted through change, add and kill -9"
}
shows "a live device of device mapper stays mounted" mounted
new_disk() {
    truncate --size=16M /run/new.img
    dmsetup create new --table "0 32768 linear $(losetup --find --show /run/new.img) 0" || return 1
    until_true 300 active dev-mapper-new.device && ! udevadm info /dev/mapper/new | grep 'SYSTEMD_READY=0' && echo "its .device unit is there"
}
shows "a new one comes through its gate" new_disk
if $has_mtty; then
    blocked() { mdev_told behind && grep -c ^early /run/early-behind | grep -qx 0 && grep 'told' <<< "udev told none of 10 mediated devices before they had their mdev_type"; }
    shows "at a gate that blocks" blocked
fi
complete late1
complete late8
shows "uevent-settle.service" systemctl start uevent-settle.service
link late4
shows "a gate is shut when it is disabled" until_true 60 is_shut late4
shows "systemctl disable --now $retell" systemctl disable --now $retell
nothing_left() {
    ! grep -lx 'E:UEVENT_SETTLED=0' /run/udev/data/* && [ ! -e /run/uevent-manager/gate ] && [ ! -e /run/udev/rules.d/71-uevent-manager.rules ] && active "$(device late4)" && echo "no gate shut, no rule of udev, no gate"
}
shows "nothing of it is left" nothing_left
told_early() { client call $socket Devices.Status | python3 -c "import json, sys; print('; '.join(f\"{one['subsystem']}: {one['early']} of {one['told']} too early\" for one in json.load(sys.stdin).get('udevLeads') or []))"; }
shows "what status says that udev told" told_early
systemd-umount /mnt
dmsetup remove live
dmsetup remove new
losetup --detach-all
for i in 0 1 2 3 4 6 7 8; do ip link del late$i; done
ip link del mine5
rm /etc/udev/rules.d/90-test.rules /etc/systemd/system/wanted@.service
udevadm control --reload
systemctl daemon-reload
rm /etc/uevent-manager/rules.d/03-retell.yaml /etc/uevent-manager/rules.d/04-retell.yaml
reload
