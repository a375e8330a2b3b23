# udevd is not disturbed by us, and we have what it writes.
udevd_pid=$(udevd MainPID) since=$(now)
attached() {
    link udv0
    client call $socket Devices.Wait '{"device": "net:udv0", "timeoutUsec": 120000000}' > /run/udv0.json || return 1
    [ -e "/run/udev/data/n$(cat /sys/class/net/udv0/ifindex)" ] && grep -o '"ID_NET[A-Z_]*": "[^"]*"' /run/udv0.json | paste -sd' ' | grep .
}
shows "a rule waits for udev and attaches what it wrote" attached
ip link del udv0
# It has a warning for what goes while it is at it, with us or without: nothing goes before it is done.
for i in $(seq 40); do link beside$i; done
udevadm settle --timeout=120
for i in $(seq 40); do ip link del beside$i; done
shows "udevd beside it is undisturbed" undisturbed
rm /etc/uevent-manager/rules.d/05-test.yaml
reload
