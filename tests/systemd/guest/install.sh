# A clean Debian, and the one command of the README.
shows "apt install ./uevent-manager.deb" apt-get install --yes --quiet=2 /share/uevent-manager-1.deb
shows "started by the installation" active $unit $sockets
shows "enabled" systemctl is-enabled $unit $sockets
confined() {
    local status=/proc/$(main_pid)/status
    grep -q '^CapEff:	0*$' $status && grep -q '^NoNewPrivs:	1' $status && grep -q '^Seccomp:	2' $status || { grep -E 'CapEff|NoNew|Seccomp' $status; return 1; }
    [ "$(ps_user)" = uevent-manager ] || return 1
    echo "user uevent-manager, no capability, no new privileges, system calls filtered"
}
ps_user() { stat --format=%U "/proc/$(main_pid)"; }
shows "runs as an own user, confined" confined
shows "the kernel's socket has 128 MiB and is systemd's" sh -c "systemctl show --property=ReceiveBuffer --value uevent-manager-kernel.socket | grep -x 134217728"
shows "all devices are known at READY" client list $socket
# shellcheck disable=SC2016
line() { local text; text=$(property $unit StatusText); [[ $text == *[0-9]*devices* ]] && systemctl status --no-pager $unit | grep -F "Status: \"$text\""; }
shows "systemctl status has a line that says how it is" line
shows "varlink clients find it by its interface" readlink /run/varlink/registry/org.ueventmanager.Devices
