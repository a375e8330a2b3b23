#!/usr/bin/env bash
# Builds the package and tries it: the same bytes twice, lintian, and in a root of its own (this machine's, under an overlay)
# install, upgrade, remove and purge. What systemd is told is written down by a stand-in for systemctl; the guest of the VM tests has a
# real one. Needs root. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

. packaging/root.sh
need lintian lintian

binary=artifacts/bin/ueventctl
first=$(packaging/deb/build.sh amd64 "$binary")
cp "$first" "$work/first.deb"
packaging/deb/build.sh amd64 "$binary" > /dev/null
check "the same bytes twice" cmp "$first" "$work/first.deb"
check lintian lintian --allow-root --fail-on error "$work/first.deb"
next=$(REVISION=2 packaging/deb/build.sh amd64 "$binary")
mv "$next" "$work/next.deb"

udev=$(packaging/deb/build-udev.sh)
cp "$udev" "$work/udev.deb"
packaging/deb/build-udev.sh > /dev/null
check "the same bytes of the other package twice" cmp "$udev" "$work/udev.deb"
check "lintian of the other package" lintian --allow-root --fail-on error "$work/udev.deb"

cp "$work/first.deb" "$work/next.deb" "$work/udev.deb" "$work/root/"

before=$(ours)

enabled=/etc/systemd/system/multi-user.target.wants/uevent-manager.service
check "install" inside dpkg --install /first.deb
log=$(told)
check "it is started" grep -q 'start .*uevent-manager.service' <<< "$log"
check "its sockets are started" grep -q 'start .*uevent-manager-kernel.socket' <<< "$log"
check "it is enabled at boot" shell "test -L $enabled && test -L /etc/systemd/system/sockets.target.wants/uevent-manager-kernel.socket"
check "systemctl reload needs no kill(1), which is procps's" shell '! grep "^ExecReload=kill" /usr/lib/systemd/system/uevent-manager.service'
check "it has a user" inside id uevent-manager
check "the command works" inside ueventctl --version
check "its rules are good" inside ueventctl rules check
check "its manual page is found" inside man --path 8 uevent-manager
check "its schema is there" test -s "$work/root/usr/share/uevent-manager/schema/ueventctl-1.schema.json"
check "the schema that its rules name is that of the command" shell 'ueventctl rules schema | cmp - "$(sed -n "1s/.*schema=//p" /usr/lib/uevent-manager/rules.d/60-net.yaml)"'
check "an example of run.d is there, and nothing runs it" shell 'test -e /etc/uevent-manager/run.d/example.conf && ! find /etc/systemd -name "uevent-run@*" | grep .'
# Without a daemon: 2 would be a mistake in the file.
inside ueventctl run --config /etc/uevent-manager/run.d/example.conf --socket /nowhere > /dev/null 2>&1
check "the example is understood" test $? -eq 4
mkdir -p "$work/root/tree/devices/d1" "$work/root/tree/class/test" && ln -s ../../class/test "$work/root/tree/devices/d1/subsystem" && : > "$work/root/tree/devices/d1/uevent"
ln -s ../../devices/d1 "$work/root/tree/class/test/d1"
printf '%s\n' '--filter subsystem=test --initial --cursor /run/test.cursor' "-- sh -c 'echo \"\$ACTION \$SYSNAME\" > /run.log; kill \$PPID'" > "$work/root/etc/uevent-manager/run.d/test.conf"
check "run runs what its file says" shell 'ueventctl daemon --sysfs /tree --socket /run/test.sock 2> /run/daemon.log & daemon=$!
    for _ in $(seq 200); do [ -S /run/test.sock ] && break; sleep 0.1; done
    timeout 60 ueventctl run --config /etc/uevent-manager/run.d/test.conf --socket /run/test.sock; status=$?
    kill $daemon; wait $daemon; [ $status -eq 0 ] && [ "$(cat /run.log)" = "add d1" ] && [ -s /run/test.cursor ]'
shell 'echo "UEVENT_MANAGER_DEBUG=yes" >> /etc/default/uevent-manager; touch /etc/uevent-manager/rules.d/60-net.yaml'

check "upgrade" inside dpkg --install --force-confold /next.deb
log=$(told)
check "an upgrade restarts the daemon" grep -q 'restart .*uevent-manager.service' <<< "$log"
check "an upgrade stops nothing" test "$(grep -c '^\(--[a-z]* \)*stop ' <<< "$log")" = 0
check "an upgrade keeps the configuration" shell 'grep -q ^UEVENT_MANAGER_DEBUG /etc/default/uevent-manager && test -e /etc/uevent-manager/rules.d/60-net.yaml'
shell "rm $enabled"
check "upgrade again" inside dpkg --install --force-confold /first.deb
check "who disabled it finds it disabled" shell "! test -e $enabled"
told > /dev/null

retell=/etc/systemd/system/multi-user.target.wants/uevent-manager-retell.service
check "install the other package" inside dpkg --install /udev.deb
log=$(told)
check "nothing of it is started or enabled" shell "! test -e $retell"
check "systemd reads its units, and starts none" test "$(grep -c 'daemon-reload' <<< "$log") $(grep -c 'start ' <<< "$log")" = "1 0"
check "it says how forward is used" test -s "$work/root/usr/share/doc/uevent-manager-udev/forward.md"
shell "mkdir -p ${retell%/*} && ln -s /usr/lib/systemd/system/uevent-manager-retell.service $retell"
check "upgrade the other package" inside dpkg --install /udev.deb
check "an upgrade restarts what runs of it" grep -q 'try-restart uevent-manager-retell.service uevent-forward@\*.service' <<< "$(told)"
check "remove the other package" inside dpkg --remove uevent-manager-udev
check "a removal stops what runs of it" grep -q 'stop uevent-manager-retell.service uevent-forward@\*.service' <<< "$(told)"
check "purge the other package" inside dpkg --purge uevent-manager-udev
check "nothing of it is left" shell "! test -L $retell && ! test -e /etc/uevent-manager/forward.d"
told > /dev/null

check "remove" inside dpkg --remove uevent-manager
log=$(told)
check "a removal stops it and its sockets" grep -q 'stop .*uevent-manager-kernel.socket .*uevent-manager.service' <<< "$log"
check "a removal stops what runs for events" grep -q 'stop uevent-run@\*.service' <<< "$log"
check "a removal keeps the configuration" shell 'test -e /etc/default/uevent-manager && ! test -e /usr/bin/ueventctl'
check "purge" inside dpkg --purge uevent-manager
check "a purge leaves nothing" test "$(ours)" = "$before"
if [ "$(ours)" != "$before" ]; then diff <(echo "$before") <(ours); fi

ended
