# The daemon ends and starts again while devices come and go. After an orderly end it knows what it knew, and what went and came meanwhile; after a
# crash it finds everything anew. A device that it was told of has a SEQNUM, one that it found has none.
scenario=restart
load dummy || { skip "no dummy interface"; return; }
say restart
# The lists are compared; a loop device gets another DISKSEQ without a uevent.
known() { ueventctl list --json 2>&1 | grep -vE '"sysname":"(gone7|new7|loop[0-9]+)"' | sort; }
again() {
    ueventctl daemon --rules /share/rules >> /out/daemon.log 2>&1 &
    daemon=$!
    until_true 60 probe status $socket || failed "the daemon does not start again: $(tail -n 3 /out/daemon.log)"
    until_true 60 settled || failed "what came meanwhile does not settle"
    ueventctl list -s net --json > /tmp/net
    grep -q '"sysname":"new7"' /tmp/net || failed "$1: a device that came meanwhile is not known"
    ! grep -q '"sysname":"gone7"' /tmp/net || failed "$1: a device that went meanwhile is still known"
}
meanwhile() { ip link del gone7; ip link add new7 type dummy; }

ip link add kept7 type dummy; ip link add gone7 type dummy
ueventctl wait net:kept7 net:gone7 --timeout 60s > /tmp/log 2>&1 || failed "$(tail -n 1 /tmp/log)"
until_true 60 settled || failed "it does not settle before the restart"
known > /tmp/before
grep '"sysname":"kept7"' /tmp/before | grep -q SEQNUM || failed "no SEQNUM of a device that was added"
kill -TERM $daemon; wait $daemon || failed "the daemon ended with $?"
meanwhile
again "orderly end"
known > /tmp/after
cmp -s /tmp/before /tmp/after || failed "what was known is not what it was: $(diff /tmp/before /tmp/after | grep '^[-+]{' | head -n 4 | tr '\n' ';')"

ip link del new7; ip link add gone7 type dummy
ueventctl wait net:gone7 --timeout 60s > /tmp/log 2>&1 || failed "$(tail -n 1 /tmp/log)"
until_true 60 settled || failed "it does not settle before the crash"
kill -KILL $daemon; wait $daemon
meanwhile
again crash
known | sed 's/.*"devpath":"\([^"]*\)".*/\1/' | sort > /tmp/found
sed 's/.*"devpath":"\([^"]*\)".*/\1/' /tmp/after | sort | cmp -s - /tmp/found || failed "after a crash not every device is found"
grep '"sysname":"kept7"' /tmp/net | grep -q SEQNUM && failed "a crash handed something over"
ip link del kept7; ip link del new7
[ -s $failures ] || say "ok restart: $(wc -l < /tmp/after) devices"
