# The forwarder's unit: a network namespace, as a container has one, with programs that know udev alone.
forward=uevent-forward@guest.service
cat > /etc/uevent-manager/rules.d/06-forward.yaml << 'END'
version: 1
subsystem: net
rules:
  - name: forwarded
    on: [add]
    match: {sysname: "fwd*"}
    wait: [{attribute: ifalias, equals: complete}]
    timeout: 10min
END
reload
ip netns add guest
mkdir -p /etc/uevent-manager/forward.d
echo 'OPTIONS=--watch /run/netns --run-udev /run/udev-guest --filter subsystem=net' > /etc/uevent-manager/forward.d/guest.conf
shows "systemctl enable --now $forward" systemctl enable --now $forward
forward_confined() {
    local status=/proc/$(property $forward MainPID)/status
    grep -q '^NoNewPrivs:	1' $status && grep -q '^Seccomp:	2' $status && grep '^CapBnd' $status
}
shows "the forwarder runs confined" forward_confined
contained() { # NAMESPACE COMMAND…
    ip netns exec "$1" unshare --mount sh -c 'mount --bind /run/udev-guest /run/udev && exec "$@"' sh "${@:2}"
}
listens() { # NAMESPACE
    contained "$1" stdbuf -oL udevadm monitor --udev > "/run/contained-$1.txt" 2>&1 & listeners="$listeners $!"
    until_true 120 grep -q '^UDEV - ' "/run/contained-$1.txt"
}
told() { grep -q " add .*/net/$2 " "/run/contained-$1.txt"; }
listeners=
forwarded() {
    link fwd0
    until_true 120 told guest xfwd0 || { cat /run/contained-guest.txt; return 1; }
    ! told guest fwd0 || { echo "told before it was complete"; return 1; }
    complete fwd0
    until_true 120 told guest fwd0 || return 1
    [ -e "/run/udev-guest/data/n$(cat /sys/class/net/fwd0/ifindex)" ] && contained guest udevadm control --ping --timeout=60 && contained guest udevadm settle --timeout=60 && echo "told once it was complete, with its entry; udevadm is answered there"
}
goes_on() { # NAME UNIT
    local pid; pid=$(property "$2" MainPID)
    kill -KILL "$pid"
    link "$1" && complete "$1"
    until_true 300 told guest "$1" || { cat /run/contained-guest.txt; return 1; }
    until_true 300 active "$2" && [ "$(property "$2" MainPID)" != "$pid" ] && echo "what came meanwhile is told"
}
later() {
    link fwd3 && complete fwd3
    until_true 120 told late fwd3 && until_true 120 told guest fwd3 && echo "told in both"
}
stopped() { [ "$(property $forward Result)" = success ] && ! active $forward && ! contained guest udevadm control --ping --timeout=5 2> /dev/null && echo "ended in order"; }
listens guest
shows "udevadm in a namespace hears of a device once it is complete" forwarded
shows "kill -9 of the forwarder" goes_on fwd1 $forward
shows "kill -9 of the daemon under a forwarder" goes_on fwd2 $unit
ip netns add late
listens late
shows "a namespace that comes later" later
shows "systemctl disable --now $forward" systemctl disable --now $forward
shows "the forwarder ends" stopped
for pid in $listeners; do kill "$pid"; done
ip netns del guest
ip netns del late
for i in 0 1 2 3; do ip link del fwd$i; done
rm /etc/uevent-manager/rules.d/06-forward.yaml /etc/uevent-manager/forward.d/guest.conf
reload
