# One who creates against one who removes, both as fast as they can. The first EAGAIN kills the device: mtty is loaded anew.
scenario=mdev-race
load mtty || { failed "mtty cannot be loaded"; return; }
begin mdev-race
# A round that dies of EAGAIN costs a second of an emulated machine, so time ends it as well.
churn race "$(rounds 5000 100000)" "$(rounds 120 14400)" > /tmp/race.log || failed "churn race does not go on"
grep -v '^VM-' /tmp/race.log | sed 's/^/VM-SAY   /'
finish
expect "removes of mdev" "$(happened '$3 == "remove" && $4 == "mdev"')" = "$(happened '$3 == "add" && $4 == "mdev"')"
