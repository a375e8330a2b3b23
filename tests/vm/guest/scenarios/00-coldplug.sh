# Everything that was there before the daemon: it must have been announced, and nothing may be held.
begin coldplug
finish
ueventctl list --unsettled --json > /out/unsettled.json 2>&1 || failed "list: $(head -n 1 /out/unsettled.json)"
missing=$(grep -c '"settled":false' /out/unsettled.json)
expect "unsettled devices" "$missing" = 0
say "$(ls /sys/class | wc -l) classes, $(ls /sys/bus | wc -l) buses, $(grep -o '"devpath"' /out/unsettled.json | wc -l) devices"
