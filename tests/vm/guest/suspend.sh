# The suspend of 90-suspend.sh. Nothing here is read from the host, or written to it, once the machine sleeps.
. /tmp/lib.sh
scenario=suspend
asleep=60 limit=20
mkdir -p /tmp/rules
cat > /tmp/rules/net.yaml << EOF
version: 1
subsystem: net
rules:
  - name: never
    match:
      sysname: sleeper*
    wait:
      - exists: never-there
    timeout: ${limit}s
    onTimeout: deliver
EOF
ueventctl daemon --rules /tmp/rules > /tmp/daemon.log 2>&1 &
daemon=$!
until_true 60 probe status $socket || failed "the daemon does not start: $(tail -n 3 /tmp/daemon.log)"

waits() { ueventctl explain "net:$1" > "/tmp/$1" && grep -q 'NO  exists: never-there' "/tmp/$1" && ! head -n 1 "/tmp/$1" | grep -q announced; }
unsettled() { ueventctl list --json | grep "\"$1\"" | grep -q '"settled":false'; }
# When a device arrived, in seconds since midnight.
arrived() { ueventctl explain "net:$1" | sed -n 's/.*history, from \(..\):\(..\):\(..\).*/\1 \2 \3/p' | awk '{ print $1 * 3600 + $2 * 60 + $3 }'; }
now() { date -u +'%H %M %S' | awk '{ print $1 * 3600 + $2 * 60 + $3 }'; }
uptime_s() { cut -d. -f1 /proc/uptime; }

ip link add sleeper0 type dummy
until_true 30 waits sleeper0 || failed "nothing waits before the suspend: $(ueventctl explain net:sleeper0 2>&1 | head -n 3 | tr '\n' ';')"
added=$(now) up=$(uptime_s)
# In seconds since 1970; the machine stands still in the second line until then.
echo $(($(cat /sys/class/rtc/rtc0/since_epoch) + asleep)) > /sys/class/rtc/rtc0/wakealarm
echo mem > /sys/power/state || failed "the kernel refuses to suspend"
slept=$(($(uptime_s) - up))
expect "seconds asleep" $slept -ge $((asleep - 5))
waits sleeper0 || failed "the time asleep counted: $(ueventctl explain net:sleeper0 2>&1 | head -n 5 | tr '\n' ';')"
ip link add sleeper1 type dummy
woken=$(now)
until_true $((limit * 6)) unsettled sleeper0 || failed "the deadline of the device from before the suspend does not come"
until_true $((limit * 6)) unsettled sleeper1 || failed "the deadline of the device from after the suspend does not come"
for device in "sleeper0 $added" "sleeper1 $woken"; do
    set -- $device
    seen=$(arrived "$1")
    expect "time of day of $1's arrival, against the clock's $2" "${seen:-0}" -le "$2"
    expect "time of day of $1's arrival, against the clock's $2" "${seen:-0}" -ge $(($2 - 30))
done
kill -TERM $daemon && wait $daemon || failed "the daemon ended with $?: $(tail -n 3 /tmp/daemon.log)"
[ -s $failures ] && code=1 || { code=0; say "ok $scenario: asleep for $slept s"; }
echo "VM-END $code"
# Not a power off: after a suspend QEMU does not see it.
reboot -f
