# How long this boot took, and whether what is measured ran: make boot-time.
systemctl is-system-running --wait > /dev/null
of_manager() { systemctl show --property="$1" --value; }
echo "VM-TIME $(($(of_manager FinishTimestampMonotonic) - $(of_manager UserspaceTimestampMonotonic))) $(property uevent-manager-retell.service ActiveState)"
echo "VM-FAILED $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | paste -sd' ')"
systemctl poweroff --force --force
exit
