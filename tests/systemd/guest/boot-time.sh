# How long this boot took, and whether what is measured ran: make boot-time.
systemctl is-system-running --wait > /dev/null
of_manager() { systemctl show --property="$1" --value; }
echo "VM-TIME $(($(of_manager FinishTimestampMonotonic) - $(of_manager UserspaceTimestampMonotonic))) $(property uevent-manager-retell.service ActiveState)"
for each in uevent-manager.service uevent-manager-retell.service systemd-udevd.service; do
    echo "VM-UNIT $each: CPU $(($(property $each CPUUsageNSec) / 1000000)) ms, begun at $(($(property $each InactiveExitTimestampMonotonic) / 1000)) ms, active at $(($(property $each ActiveEnterTimestampMonotonic) / 1000)) ms"
done 2> /dev/null
echo "VM-FAILED $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | paste -sd' ')"
systemctl poweroff --force --force
exit
