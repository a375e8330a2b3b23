# What is lost: nothing by a restart, and by a crash nothing that is not said.
make_links() { for i in $(seq "$2"); do link "$1$i"; done; }
remove_links() { for i in $(seq "$2"); do ip link del "$1$i"; done; }

watch
restart_under_load() {
    local pid; pid=$(main_pid)
    make_links r 12 & local making=$!
    systemctl restart $unit || return 1
    wait $making
    watch_until 'event add /devices/virtual/net/r12$' || { echo "r12 never came"; tail -n 3 /run/watch.log; return 1; }
    remove_links r 12
    watch_until 'event remove /devices/virtual/net/r12$' || { echo "r12 never went"; return 1; }
    [ "$(main_pid)" != "$pid" ] && ! grep -q ^gap /run/watch.log || { echo "a gap, or the same process"; return 1; }
    seen r 12
}
shows "an orderly restart loses nothing" restart_under_load
# The file would do the same: without it, what systemd keeps must be enough.
fdstore() {
    mkdir -p /run/systemd/system/$unit.d
    printf '[Service]\nExecStartPre=+/bin/rm -f /run/uevent-manager/socket.state\n' > /run/systemd/system/$unit.d/no-file.conf
    systemctl daemon-reload
    local gaps; gaps=$(grep -c ^gap /run/watch.log)
    systemctl restart $unit || return 1
    link stored1 && ip link del stored1
    link stored0
    watch_until 'event add /devices/virtual/net/stored0$' || { echo "stored0 never came"; return 1; }
    [ "$(grep -c ^gap /run/watch.log)" = "$gaps" ] || { echo "a gap: $(grep ^gap /run/watch.log)"; return 1; }
    rm -r /run/systemd/system/$unit.d && systemctl daemon-reload
    ip link del stored0
    echo "cursors went on with what FDSTORE kept, at most $(property $unit FileDescriptorStoreMax) descriptors"
}
shows "FDSTORE is enough for it" fdstore
crash() {
    local pid restarts; pid=$(main_pid) restarts=$(property $unit NRestarts)
    kill -KILL "$pid"
    watch_until '^gap restarted' || { echo "no gap"; return 1; }
    until_true 300 active $unit || { echo "not started again"; return 1; }
    sed -n '/^gap restarted/,$p' /run/watch.log | grep -q '^state /devices/virtual/net/lo' && until_true 60 tail_ready || { echo "no state after the gap"; return 1; }
    echo "gap: restarted, then the state; NRestarts $restarts, then $(property $unit NRestarts)"
}
tail_ready() { sed -n '/^gap restarted/,$p' /run/watch.log | grep -q ^ready; }
shows "kill -9: started again, a gap and the state" crash
watch_end

stopped() { systemctl stop $unit 2> /dev/null; ! active $unit && active $sockets; }
by_client() {
    stopped || { echo "cannot be stopped alone"; return 1; }
    client list $socket > /dev/null && active $unit && echo "a connection started it and was answered"
}
shows "socket activation by a subscriber" by_client
by_kernel() {
    stopped || { echo "cannot be stopped alone"; return 1; }
    link woken
    until_true 300 active $unit || { echo "a uevent starts nothing"; return 1; }
    client call $socket Devices.Get '{"device": "net:woken"}' > /dev/null || return 1
    ip link del woken
    echo "a uevent started it, which had waited in the socket"
}
shows "socket activation by the kernel" by_kernel
