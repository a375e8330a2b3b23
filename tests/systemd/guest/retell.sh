# Beside udevd: units and programs that know udev alone see complete devices, and nothing stays shut, whoever ends.
retell=uevent-manager-retell.service
shows "apt install ./uevent-manager-udev.deb" apt-get install --yes --quiet=2 /share/uevent-manager-udev.deb
shows "installing it enables nothing" sh -c "! systemctl --quiet is-enabled $retell && ! systemctl --quiet is-active $retell && echo disabled"
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
killed() { # NAME UNIT
    link "$1"
    until_true 60 is_shut "$1" || { entry "$1"; return 1; }
    kill -KILL "$(property "$2" MainPID)"
    until_true 300 active "$(device "$1")" || { entry "$1"; return 1; }
    until_true 300 active "$2" && until_true 300 test -e /run/uevent-manager/gate || return 1
    echo "opened, and $2 runs again"
}
shows "kill -9 of retell leaves nothing shut" killed late1 $retell
shows "kill -9 of the daemon leaves nothing shut" killed late2 $unit
shows "udevd is still the same" undisturbed
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
complete late1
complete late2
shows "uevent-settle.service" systemctl start uevent-settle.service
link late4
shows "a gate is shut when it is disabled" until_true 60 is_shut late4
shows "systemctl disable --now $retell" systemctl disable --now $retell
nothing_left() {
    ! grep -lx 'E:UEVENT_SETTLED=0' /run/udev/data/* && [ ! -e /run/uevent-manager/gate ] && [ ! -e /run/udev/rules.d/71-uevent-manager.rules ] && active "$(device late4)" && echo "no gate shut, no rule of udev, no gate"
}
shows "nothing of it is left" nothing_left
for i in 0 1 2 3 4; do ip link del late$i; done
rm /etc/uevent-manager/rules.d/04-retell.yaml
reload
