#!/usr/bin/env bash
# The daemon under supervisors other than systemd, with Debian's own packages of them in a root of its own, and each in namespaces of its own:
# started, ready, a device told, reloaded, killed and started anew, stopped. dinit has no package there: what it takes is tested with a shell. Needs root. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. packaging/root.sh

check "the supervisors" inside apt-get install --yes --quiet=2 --no-install-recommends runit s6 openrc
DESTDIR=$work/root packaging/install.sh install
inside useradd --system --no-create-home --user-group uevent-manager

# COMMAND in the root, with network interfaces and processes of its own. Whatever it starts ends with it.
apart() {
    unshare --net --mount --pid --fork --kill-child sh -c 'mount -t sysfs s "$0/sys" && mount -t proc p "$0/proc" && mount -t tmpfs r "$0/run" &&
        exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "$1"' "$work/root" "$1"
}

# What must be true under each, in shell; $restarted asks that a killed daemon has come again.
# shellcheck disable=SC2016
wanted='
until_true() { tries=600; while [ $tries -gt 0 ]; do if eval "$1" > /dev/null 2>&1; then return 0; fi; tries=$((tries - 1)); sleep 0.1; done; echo "never: $1"; exit 1; }
running() { pgrep --exact --oldest ueventctl; }
works() {
    ueventctl status > /dev/null || exit 1
    pid=$(running)
    [ "$(stat --format %U /proc/$pid)" = uevent-manager ] || { echo "it runs as $(stat --format %U /proc/$pid)"; exit 1; }
    grep -q "^CapEff:.0000000000001000$" /proc/$pid/status || { echo "capabilities: $(grep ^CapEff /proc/$pid/status)"; exit 1; }
    ip link add uem0 type dummy 2> /dev/null || ip link add uem0 type veth peer name uem1 || exit 1
    ueventctl wait net:uem0 --timeout 60s > /dev/null || exit 1
    ueventctl reload > /dev/null || exit 1
    kill -KILL $pid
    until_true "[ -n \"\$(running)\" ] && [ \"\$(running)\" != $pid ]"
    until_true "ueventctl status"
}'

# runit: `sv start` waits for check.
check "runit" apart "$wanted"'
mkdir /run/service && cp -r /usr/share/uevent-manager/init/runit /run/service/uevent-manager
runsvdir -P /run/service > /run/log 2>&1 & supervisor=$!
until_true "SVDIR=/run/service sv -w 30 check uevent-manager"
works
SVDIR=/run/service sv -w 30 stop uevent-manager > /dev/null || exit 1
[ -z "$(running)" ] || exit 1
kill -HUP $supervisor; wait $supervisor; exit 0'

# s6: s6-svwait -U returns at the line on descriptor 3.
check "s6" apart "$wanted"'
mkdir /run/service && cp -r /usr/share/uevent-manager/init/s6 /run/service/uevent-manager
s6-svscan /run/service > /run/log 2>&1 &
until_true "s6-svok /run/service/uevent-manager"
s6-svwait -U -t 60000 /run/service/uevent-manager || { cat /run/log; exit 1; }
works
s6-svc -wd -T 30000 -d /run/service/uevent-manager || exit 1
[ -z "$(running)" ] || exit 1
s6-svscanctl -t /run/service'

# dinit: a pipe is descriptor 3, and the line on it is the readiness.
check "the command of dinit" apart "$wanted"'
command=$(sed -n "s/^command = //p" /usr/share/uevent-manager/init/dinit/uevent-manager)
mkfifo /run/ready && { $command 3> /run/ready 2> /run/log & }
read -r line < /run/ready || { cat /run/log; exit 1; }
ueventctl status > /dev/null || exit 1
kill $(running)'

# OpenRC: start returns once the daemon answers.
check "OpenRC" apart "$wanted"'
cp /usr/share/uevent-manager/init/openrc/uevent-manager /etc/init.d/uevent-manager
# What its own boot makes.
mkdir -p /run/openrc/daemons /run/openrc/exclusive /run/openrc/failed /run/openrc/inactive /run/openrc/options /run/openrc/scheduled /run/openrc/started \
    /run/openrc/starting /run/openrc/stopping /run/openrc/tmp /run/openrc/wasinactive && touch /run/openrc/softlevel
rc-service --nodeps uevent-manager start || exit 1
works
rc-service --nodeps uevent-manager reload || exit 1
rc-service --nodeps uevent-manager stop || exit 1
[ -z "$(running)" ]'
ended
