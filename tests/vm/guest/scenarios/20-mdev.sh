# Mediated devices: created and removed, and removed by a consumer as soon as it hears of them.
scenario=mdev
load mtty || { failed "mtty cannot be loaded"; return; }
count=$(rounds 2000 2000)
begin mdev
churn make $count || failed "churn make"
finish
expect "adds of mdev" "$(happened '$3 == "add" && $4 == "mdev"')" = $count
expect "removes of mdev" "$(happened '$3 == "remove" && $4 == "mdev"')" = "$(happened '$3 == "add" && $4 == "mdev"')"

# Nobody else removes them: who removes too early gets EAGAIN, and the device stays for ever.
begin mdev-consumer mdev
churn leave $count || failed "churn leave"
# Not by a pattern: one that goes between the shell and ls makes ls fail.
until_true 600 sh -c '[ -z "$(ls /sys/bus/mdev/devices)" ]' || failed "devices are left: $(ls /sys/bus/mdev/devices | wc -l)"
finish remove-failed
expect "devices that were removed at their add" "$(sum remove-done)" = $count
