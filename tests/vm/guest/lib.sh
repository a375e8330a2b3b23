# Sourced by the scenarios. What begins with "VM" on the console is for the host: rows of the table, failures, progress.
socket=/run/uevent-manager/socket
failures=/tmp/failures
mkdir -p /tmp/rows
: > $failures

# busybox's shell prefers its own applets to programs of the same name; these are the host's.
for program in ip losetup modprobe rmmod lsmod; do
    [ ! -x /share/programs/bin/$program ] || eval "$program() { /bin/$program \"\$@\"; }"
done

say() { echo "VM-SAY $*"; }
failed() { echo "VM-FAIL ${scenario:-guest}: $*"; echo "$scenario: $*" >> $failures; }
full() { [ "${VM_FULL:-0}" = 1 ]; }
# rounds DEFAULT FULL
rounds() { if full; then echo "$2"; else echo "$1"; fi; }
# load MODULE…: whether this kernel has them all
load() { modprobe -a "$@" 2> /dev/null; }
skip() { echo "VM-SKIP $scenario: $*"; }

# until SECONDS COMMAND…: whether it came true in time.
until_true() {
    local end=$(($(cut -d. -f1 /proc/uptime) + $1)); shift
    until "$@" > /dev/null 2>&1; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
        usleep 20000
    done
}

# Whether nothing waits in the daemon.
settled() { probe status $socket | grep -q 'waiting 0 held 0'; }

# begin NAME [SUBSYSTEM]: both consumers listen; ours removes each device of SUBSYSTEM when its add arrives.
begin() {
    scenario=$1
    say "$scenario"
    rm -rf /tmp/rows/*
    probe plain /share/guest/expect.txt /tmp/rows/plain > /tmp/rows/plain.log 2>&1 &
    plain_pid=$!
    # shellcheck disable=SC2086
    probe subscribe /share/guest/expect.txt $socket /tmp/rows/ours ${2:-} > /tmp/rows/ours.log 2>&1 &
    ours_pid=$!
    until_true 60 grep -q ready /tmp/rows/plain.log || failed "the plain reader does not start"
    until_true 60 grep -q ready /tmp/rows/ours.log || failed "the subscriber does not start: $(tail -n 1 /tmp/rows/ours.log)"
    started=$(cut -d' ' -f1 /proc/uptime)
}

# finish [FIELD…]: the rows; fields of the subscriber's sum besides those below that must be 0.
finish() {
    kill -TERM $ours_pid && wait $ours_pid || failed "the subscriber failed: $(tail -n 1 /tmp/rows/ours.log)"
    kill -TERM $plain_pid && wait $plain_pid || failed "the plain reader failed: $(tail -n 1 /tmp/rows/plain.log)"
    awk -v scenario="$scenario" -f /share/guest/rows.awk /tmp/rows/plain /tmp/rows/ours
    for field in second-adds unknown-removes unsettled before-parent gaps differences waiting held overruns "$@"; do
        local value
        value=$(sum $field)
        [ "$value" = 0 ] || failed "$field $value"
    done
    if grep -q '^early' /tmp/rows/ours; then failed "early: $(grep -c '^early' /tmp/rows/ours), $(grep -m 3 '^early' /tmp/rows/ours | tr '\n' ';')"; fi
    grep -vE '^(sum|item|early) ' /tmp/rows/ours | head -n 30 | sed 's/^/VM-SAY   /'
    [ "$(sum waiting)$(sum held)" = 00 ] || explain_unsettled
    mkdir -p /out/$scenario && cp /tmp/rows/plain /tmp/rows/ours /out/$scenario/
    gzip -c /tmp/rows/ours.events > /out/$scenario/events.gz
}

# Why each device is not settled, as the daemon says it.
explain_unsettled() {
    ueventctl list --unsettled --json | sed -n '/"settled":false/s/.*"devpath":"\([^"]*\)","subsystem".*/\1/p' | head -n 10 | while read -r devpath; do
        ueventctl explain "$devpath" 2>&1 | head -n 40 | sed 's/^/VM-SAY   /'
    done
}

# sum FIELD: a number of the subscriber's sum.
sum() { awk -v field="$1" '$1 == "sum" { for (i = 2; i < NF; i++) if ($i == field) print $(i + 1) }' /tmp/rows/ours; }

# happened AWK-CONDITION: how many events of the scenario. Fields: time reply action subsystem devpath lag=… group=… size=… numvfs=… synthetic=… rule=…
happened() { awk "$1 { n++ } END { print n + 0 }" /tmp/rows/ours.events; }
expect() { [ "$2" "$3" "$4" ] || failed "$1: $2 is not $3 $4"; }
