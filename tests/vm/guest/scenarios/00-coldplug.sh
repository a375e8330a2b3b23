# Everything that was there before the daemon: it must have been announced, and nothing may be held. The row says how many devices
# there are, and how many of them the daemon's subscriber was not told.
begin coldplug
finish
ueventctl list --unsettled --json > /out/unsettled.json 2>&1 || failed "list: $(head -n 1 /out/unsettled.json)"
missing=$(grep -c '"settled":false' /out/unsettled.json)
expect "unsettled devices" "$missing" = 0
devices=$(grep -c '"devpath"' /out/unsettled.json)
[ "$devices" -gt 0 ] || failed "no devices"
echo "VM-ROW coldplug * announced - - - - $devices $(($(sum differences) + missing)) required - -"
say "$(ls /sys/class | wc -l) classes, $(ls /sys/bus | wc -l) buses, $devices devices"
