# Sourced by the checks. What begins with "VM" on the console is for the host: progress, and one row for each check.
state=/var/lib/systemd-test
unit=uevent-manager.service
sockets="uevent-manager-kernel.socket uevent-manager-udev.socket uevent-manager.socket"
socket=/run/uevent-manager/socket
mkdir -p $state
export DEBIAN_FRONTEND=noninteractive PYTHONDONTWRITEBYTECODE=1 NO_COLOR=1 SYSTEMD_PAGER=

say() { echo "VM-SAY $*"; }
row() { # ok|FAILED WHAT DETAIL
    echo "VM-ROW $1|$2|$(tr '\n|' ' /' <<< "$3" | cut -c1-300)"
    [ "$1" = ok ] || echo "$2" >> $state/failures
}
# shows WHAT COMMAND…: the last line that it said is the detail.
shows() {
    local what=$1 said; shift
    if said=$("$@" 2>&1); then row ok "$what" "$(tail -n 1 <<< "$said")"; else row FAILED "$what" "$(tail -n 12 <<< "$said")"; fi
}
# until_true SECONDS COMMAND…: whether it came true in time.
until_true() {
    local end=$((SECONDS + $1)); shift
    until "$@" > /dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}
# link NAME: an interface, and the other end that it needs.
link() { ip link add "$1" type veth peer name "x$1"; }
property() { systemctl show --property="$2" --value "$1"; }
main_pid() { property $unit MainPID; }
active() { systemctl --quiet is-active "$@"; }
# our_log PATTERN: whether the daemon has said it since $since.
our_log() { journalctl --unit=$unit --since="@$since" --output=cat --no-pager | grep -E -- "$1"; }
now() { date +%s.%N | cut -c1-17; }
udevd() { property systemd-udevd.service "$1"; }
# Whether udevd is still the process $udevd_pid, and has warned of nothing since $since.
undisturbed() {
    [ "$udevd_pid" != 0 ] && [ "$(udevd MainPID)" = "$udevd_pid" ] && [ "$(udevd NRestarts)" = 0 ] && udevadm settle --timeout=120 || return 1
    ! journalctl --unit=systemd-udevd.service --priority=warning --since="@$since" --output=cat --no-pager | grep . || return 1
    echo "the same process as before, its queue empty, no warning of its own"
}
# The tool itself takes a minute to start where the processor is emulated; `make contact-test` has what people type.
client() { python3 /share/guest/client.py "$@"; }
# A counter or number of the daemon's status.
status_of() { client call $socket Devices.Status | python3 -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }
reload() { client call $socket Control.Reload > /dev/null; }

# A subscriber that stays for ever and goes on with its cursor wherever it is disconnected.
watch() {
    rm -f /run/watch.log
    python3 /share/guest/client.py watch $socket /run/watch.log &
    watcher=$!
    until_true 300 grep -q '^ready' /run/watch.log || row FAILED "a subscriber" "gets no state"
}
watch_until() { until_true 300 grep -qE "$1" /run/watch.log; }
watch_end() { kill $watcher; wait $watcher 2> /dev/null || true; }
# seen PREFIX COUNT: each of PREFIX1…PREFIXn was added exactly once and removed exactly once, in that order.
seen() {
    for i in $(seq "$2"); do
        local actions
        actions=$(sed -n "s|^event \([a-z]*\) /devices/virtual/net/$1$i\$|\1|p" /run/watch.log | grep -E 'add|remove' | tr '\n' ' ')
        [ "$actions" = "add remove " ] || { echo "$1$i: $actions"; return 1; }
    done
    echo "$2 adds and removes, each once; $(grep -c '^closed' /run/watch.log) connections lost, $(grep -c '^gap' /run/watch.log) gaps"
}
