# How long this boot took, and whether what is measured ran: make boot-time.
systemctl is-system-running --wait > /dev/null
of_manager() { systemctl show --property="$1" --value; }
# Until the target of a boot is reached: what runs on behind it delays nobody.
echo "VM-TIME $(($(property multi-user.target ActiveEnterTimestampMonotonic) - $(of_manager UserspaceTimestampMonotonic))) $(property uevent-manager-retell.service ActiveState)"
for each in uevent-manager.service uevent-manager-retell.service systemd-udevd.service; do
    echo "VM-UNIT $each: CPU $(($(property $each CPUUsageNSec) / 1000000)) ms, begun at $(($(property $each InactiveExitTimestampMonotonic) / 1000)) ms, active at $(($(property $each ActiveEnterTimestampMonotonic) / 1000)) ms"
done 2> /dev/null
echo "VM-UNIT all jobs of the boot done after $((($(of_manager FinishTimestampMonotonic) - $(of_manager UserspaceTimestampMonotonic)) / 1000)) ms"
echo "VM-FAILED $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | paste -sd' ')"
systemctl poweroff --force --force
exit
