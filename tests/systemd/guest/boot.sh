# A boot with the package installed and nothing else done.
shows "started at boot" active $unit $sockets
started() { property "$1" "$2"; }
before_libvirt() {
    local ready libvirt kernel
    ready=$(started $unit ActiveEnterTimestampMonotonic) libvirt=$(started libvirtd.service ExecMainStartTimestampMonotonic)
    kernel=$(started uevent-manager-kernel.socket ActiveEnterTimestampMonotonic)
    echo "kernel's socket at $((kernel / 1000)) ms, service begun at $(($(started $unit InactiveExitTimestampMonotonic) / 1000)) ms, READY at $((ready / 1000)) ms, libvirt started at $((libvirt / 1000)) ms"
    [ "$kernel" -gt 0 ] && [ "$kernel" -lt "$ready" ] && [ "$ready" -gt 0 ] && [ "$ready" -le "$libvirt" ]
}
shows "READY before libvirt is started" before_libvirt
shows "libvirt's first look is whole" grep . /run/libvirt-saw
shows "libvirt's first look has succeeded" active libvirtd.service
early() { systemctl show --property=Before --value uevent-manager-kernel.socket | grep -qw sockets.target && ! systemctl show --property=After --value $unit | grep -qw systemd-udev-settle.service && echo "it waits for no settle of udev's"; }
shows "it is ordered early and waits for no settle" early
no_cycle() { ! journalctl --boot --no-pager --output=cat _PID=1 | grep -i 'ordering cycle' && echo "systemd broke no ordering cycle"; }
shows "no ordering cycle" no_cycle
