# A suspend to memory while a device waits: deadlines do not count the time asleep, and what happened before keeps its time of day.
# Only alone (VM_ONLY=suspend): the host's directories do not come back from it, because the kernel's 9p has nothing that wakes them. So the
# other half of this is a program in memory, and the guest ends with it.
scenario=suspend
if [ "${VM_ONLY:-}" != suspend ]; then
    skip "only alone, because the guest ends with it: VM_ONLY=suspend"
elif ! load dummy || ! grep -qw deep /sys/power/mem_sleep || ! [ -e /sys/class/rtc/rtc0/wakealarm ]; then
    skip "this kernel has no dummy interface, no suspend to memory or no clock that wakes it"
else
    say "$scenario"
    kill -TERM $daemon && wait $daemon
    cp /share/guest/lib.sh /share/guest/suspend.sh /tmp/
    cd /tmp && exec sh /tmp/suspend.sh
fi
