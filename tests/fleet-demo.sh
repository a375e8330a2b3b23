#!/usr/bin/env bash
# `make fleet-demo`: a broker on loopback with a directory of its own, three hosts (a daemon in namespaces of its own, and a bridge, each), and a consumer that
# shows what happens when a device comes on one of them. Everything ends with it. As root, for the namespaces.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

server=$(command -v nats-server || true)
for suite in trixie bookworm; do [ -n "$server" ] || { [ -x "artifacts/tools/nats-$suite/nats-server" ] && server=artifacts/tools/nats-$suite/nats-server; } || true; done
[ -n "$server" ] || { echo "fleet-demo: needs nats-server: tests/unpack-nats.sh unpacks it, or install the package of that name" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || { echo "fleet-demo: needs root, for network namespaces: sudo make fleet-demo" >&2; exit 1; }

work=$(mktemp --directory /tmp/fleet-demo.XXXXXX)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2> /dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT
until_there() { # SECONDS COMMAND…
    local deadline=$((SECONDS + $1)); shift
    until "$@" > /dev/null 2>&1; do
        if [ $SECONDS -ge $deadline ]; then echo "fleet-demo: not in time: $*" >&2; cat "$work"/*.log >&2; exit 1; fi
        sleep 0.1
    done
}

# A port that the system says is free.
"$server" -a 127.0.0.1 -p -1 -js -sd "$work/jetstream" > "$work/broker.log" 2>&1 & pids+=($!)
until_there 30 grep -q 'Server is ready' "$work/broker.log"
NATS_URL=nats://$(sed -n 's/.*Listening for client connections on //p' "$work/broker.log")
export NATS_URL
echo "the broker listens on $NATS_URL"
nats=artifacts/bin/uevent-nats
"$nats" setup
for host in rack1-a rack1-b rack2-a; do
    # shellcheck disable=SC2016 # the inner shell expands these
    unshare --net --mount --propagation private sh -c 'mount -t sysfs sysfs /sys && exec "$0" daemon --socket "$1" --rules rules' artifacts/bin/ueventctl "$work/$host.sock" > "$work/$host.log" 2>&1 & pids+=($!)
    echo $! > "$work/$host.pid"
    "$nats" publish --host "$host" --socket "$work/$host.sock" --heartbeat 1s > "$work/$host.bridge.log" 2>&1 & pids+=($!)
done
until_there 60 "$nats" wait --host rack1-a --filter sysname=lo
until_there 60 "$nats" wait --filter sysname=lo --count 3
"$nats" status
echo "a pair of interfaces comes on rack1-b, and goes; the consumer sees:"
"$nats" monitor --filter subsystem=net --count 4 --timeout 60s > "$work/seen" 2> "$work/monitor.log" & monitor=$!
pids+=("$monitor")
sleep 1
# Should the consumer have begun later than that, it sees the next pair.
on() { nsenter --target "$(cat "$work/rack1-b.pid")" --net --mount "$@"; }
for _ in $(seq 50); do
    on ip link add demo0 type veth peer name demo1
    sleep 0.3
    on ip link del demo0
    kill -0 "$monitor" 2> /dev/null || break
done
wait "$monitor" || { cat "$work"/*.log >&2; exit 1; }
cat "$work/seen"
