#!/usr/bin/env bash
# Builds the package and tries it: the same bytes twice, lintian, and in a root of its own (this machine's, under an overlay)
# install, upgrade, remove and purge. What systemd is told is written down by a stand-in for systemctl; the guest of the VM tests has a
# real one. Needs root. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

passed=0 failed=0
check() { # WHAT COMMAND…
    local what=$1; shift
    if said=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); echo "  failed: $what: $said"; fi
}

if [ "$(id -u)" -ne 0 ]; then echo "packaging/test.sh: needs root, for a root of its own" >&2; exit 1; fi
if ! command -v lintian > /dev/null; then
    apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends lintian > /dev/null || exit 1
fi

work=$(mktemp --directory)
trap 'umount -R "$work/root" 2> /dev/null; umount "$work/layer" 2> /dev/null; rm -rf "$work"' EXIT
binary=artifacts/bin/ueventctl
first=$(packaging/deb/build.sh amd64 "$binary")
cp "$first" "$work/first.deb"
packaging/deb/build.sh amd64 "$binary" > /dev/null
check "the same bytes twice" cmp "$first" "$work/first.deb"
check lintian lintian --allow-root --fail-on error "$work/first.deb"
next=$(REVISION=2 packaging/deb/build.sh amd64 "$binary")
mv "$next" "$work/next.deb"

mkdir "$work/layer" "$work/root"
mount -t tmpfs t "$work/layer" || exit 1
mkdir "$work/layer/upper" "$work/layer/work"
mount -t overlay -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" o "$work/root" || exit 1
mount -t proc p "$work/root/proc" && mount --bind /dev "$work/root/dev" && mount -t tmpfs r "$work/root/run" || exit 1
cp "$work/first.deb" "$work/next.deb" "$work/root/"

inside() { chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
shell() { inside sh -c "$1"; }
told() { cat "$work/root/systemctl.log" 2> /dev/null; rm -f "$work/root/systemctl.log"; }
# Everything that is ours, but the lists of dpkg and of users.
ours() { shell 'find /etc /usr /run /var/lib/systemd -name "*uevent-manager*" | sort'; }
before=$(ours)

# A system that runs systemd, as far as the scripts can see: enabling works on files, everything else is written down.
mkdir -p "$work/root/run/systemd/system"
real=$(readlink -f "$(command -v systemctl)")
cp "$real" "$work/root/systemctl"
cat > "$work/stand-in" << 'END'
#!/bin/sh
case "$*" in
    *preset* | *is-enabled*) exec /systemctl --root=/ "$@" ;;
    *"show "*) echo loaded ;;
    *) echo "$*" >> /systemctl.log ;;
esac
END
chmod 755 "$work/stand-in"
mount --bind "$work/stand-in" "$work/root$real" || exit 1
rm -f "$work/root/usr/sbin/policy-rc.d"

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

check "remove" inside dpkg --remove uevent-manager
log=$(told)
check "a removal stops it and its sockets" grep -q 'stop .*uevent-manager-kernel.socket .*uevent-manager.service' <<< "$log"
check "a removal keeps the configuration" shell 'test -e /etc/default/uevent-manager && ! test -e /usr/bin/ueventctl'
check "purge" inside dpkg --purge uevent-manager
check "a purge leaves nothing" test "$(ours)" = "$before"
if [ "$(ours)" != "$before" ]; then diff <(echo "$before") <(ours); fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
