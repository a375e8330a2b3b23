# Upgrade over a running daemon, removal, purge: with a systemd that really runs.
watch
upgrade() {
    local pid i; pid=$(main_pid)
    (for i in $(seq 30); do link "u$i"; sleep 0.2; done) & local making=$!
    apt-get install --yes --quiet=2 /share/uevent-manager-2.deb > /run/upgrade.txt 2>&1 || { tail -n 3 /run/upgrade.txt; return 1; }
    wait $making
    watch_until 'event add /devices/virtual/net/u30$' || { echo "u30 never came"; return 1; }
    for i in $(seq 30); do ip link del "u$i"; done
    watch_until 'event remove /devices/virtual/net/u30$' || { echo "u30 never went"; return 1; }
    [ "$(main_pid)" != "$pid" ] && grep -q ^closed /run/watch.log && ! grep ^gap /run/watch.log || { echo "a gap, or no restart"; return 1; }
    seen u 30
}
shows "an upgrade over the running daemon loses nothing" upgrade
watch_end
removed() { apt-get remove --yes --quiet=2 uevent-manager > /dev/null 2>&1 && ! active $unit && ! active $sockets && [ ! -e /usr/bin/ueventctl ] && [ -e /etc/default/uevent-manager ] && echo "stopped, its sockets closed, the configuration kept"; }
shows "removal" removed
purged() { apt-get purge --yes --quiet=2 uevent-manager uevent-manager-udev > /dev/null 2>&1 && [ -z "$(find /etc /run /usr /var/lib/systemd -name '*uevent-manager*' ! -path '*/dpkg/*')" ] && echo "nothing is left"; }
shows "purge" purged
failed_units() { local list; list=$(systemctl list-units --failed --plain --no-legend); [ -z "$list" ] || { echo "$list"; return 1; }; echo "no unit has failed"; }
shows "nothing else failed" failed_units
