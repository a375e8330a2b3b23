# A daemon that stands still is seen, because the loop that does the work feeds the watchdog.
stands_still() {
    local pid limit; pid=$(main_pid) limit=$(property $unit WatchdogUSec) since=$(now)
    kill -STOP "$pid"
    changed() { [ "$(main_pid)" != "$pid" ] && active $unit; }
    until_true 240 changed || { echo "still process $pid, $(property $unit SubState)"; kill -CONT "$pid"; return 1; }
    journalctl --since="@$since" _PID=1 --output=cat --no-pager | grep -i -m 1 "$unit: Watchdog timeout" || { echo "not ended by the watchdog"; return 1; }
}
shows "the watchdog ends a stopped daemon" stands_still
shows "and it is whole afterwards" client list $socket
