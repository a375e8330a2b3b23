# Levels and fields in the journal; reload; what a bad rule does.
since=$(now)
cat > /etc/uevent-manager/rules.d/05-test.yaml << 'END'
version: 1
subsystem: net
rules:
  - name: never
    match: {sysname: "hold*"}
    wait: [{exists: never-there}]
    timeout: 500ms
  - name: with-udev
    match: {sysname: "udv*"}
    wait: [{udev: true}]
    timeout: 60s
    attach: {udev: [ID_*]}
END
reloads() {
    local before after pid
    before=$(status_of rules) pid=$(main_pid)
    systemctl reload $unit || return 1
    until_true 60 our_log 'rules reloaded' || { echo "the journal does not say so"; return 1; }
    after=$(status_of rules)
    [ "$after" = $((before + 2)) ] && [ "$(main_pid)" = "$pid" ] && echo "$before rules, then $after, by the same process"
}
shows "systemctl reload" reloads

link hold0
# As JSON: PRIORITY, and what tells our lines from others.
fields() {
    until_true 60 our_log 'hold0' || { echo "nothing was said"; return 1; }
    journalctl --unit=$unit --since="@$since" --output=json --no-pager | python3 -c '
import json, sys
lines = [line for line in map(json.loads, sys.stdin) if line.get("_SYSTEMD_UNIT") == "uevent-manager.service"]
levels = {line["PRIORITY"] for line in lines}
held = next(line for line in lines if "hold0" in line["MESSAGE"])
assert held["PRIORITY"] == "4", held
assert held["SYSLOG_IDENTIFIER"] == "ueventctl" and int(held["_PID"]) > 1, held
for part in ("/devices/virtual/net/hold0", "never (", "05-test.yaml:4", "never-there", "ueventctl release"):
    assert part in held["MESSAGE"], (part, held["MESSAGE"])
assert "6" in levels and not any(line["MESSAGE"].startswith("<") for line in lines), levels
print("levels", sorted(levels), held["MESSAGE"])'
}
shows "journal: level, identifier, device, rule, fix" fields
# The line is renewed with each sign for the watchdog.
held() { until_true 60 one_held || { property $unit StatusText; return 1; }; property $unit StatusText; }
one_held() { property $unit StatusText | grep ' 1 held'; }
shows "systemctl status says that one is held" held

bad_reload() {
    local pid; pid=$(main_pid) since=$(now)
    echo 'version: 1
subsystem: net
rules: [{name: x, wate: []}]' > /etc/uevent-manager/rules.d/06-bad.yaml
    systemctl reload $unit || true
    until_true 60 our_log '06-bad.yaml:3:' || { echo "the journal does not name the mistake"; return 1; }
    [ "$(main_pid)" = "$pid" ] && active $unit && our_log '06-bad.yaml:3:' | head -n 1
}
shows "a bad reload is named and changes nothing" bad_reload
# A start with bad rules is not a start: READY is not said, the journal says why, and the corrected file is enough.
not_ready() {
    since=$(now)
    systemctl restart --no-block $unit
    until_true 300 our_log '06-bad.yaml:3:' || { echo "the journal does not name the mistake"; return 1; }
    ! active $unit || { echo "active with bad rules"; return 1; }
    rm /etc/uevent-manager/rules.d/06-bad.yaml
    until_true 300 active $unit || { echo "not active after the correction: $(property $unit SubState)"; return 1; }
    echo "READY only once the rules were good, without anybody's start"
}
shows "bad rules at a start: not READY" not_ready
rm -f /etc/uevent-manager/rules.d/06-bad.yaml
ip link del hold0
