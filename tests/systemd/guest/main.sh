# Runs after everything else of a boot: the first installs the package and tries it, the second shows what a boot with it is like.
. /share/guest/lib.sh
if grep -qw uevent.boot-time /proc/cmdline; then . /share/guest/boot-time.sh; fi
boot=$(($(cat $state/boots 2> /dev/null || echo 0) + 1))
echo $boot > $state/boots
trap 'journalctl --no-pager --output=short-precise > /out/journal-$boot.txt 2>&1' EXIT

say "boot $boot: systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'), $(systemctl is-system-running 2> /dev/null)"
if [ "$boot" = 1 ]; then
    for part in $(cat /share/parts); do
        say "$part"
        . /share/guest/$part.sh
    done
    . /share/guest/before-reboot.sh
    say reboot
    trap - EXIT
    journalctl --no-pager --output=short-precise > /out/journal-1.txt 2>&1
    sync
    systemctl reboot
    exit
fi
. /share/guest/boot.sh
. /share/guest/upgrade.sh
trap - EXIT
journalctl --no-pager --output=short-precise > /out/journal-$boot.txt 2>&1
sync
echo "VM-END $([ -s $state/failures ] && echo 1 || echo 0)"
systemctl poweroff
