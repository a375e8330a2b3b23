#!/usr/bin/env bash
# Builds the packages for rpm and tries them: the same bytes twice, rpmlint, and in a root of its own install, upgrade, remove.
# Needs root. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. packaging/root.sh
need rpmbuild rpm
need rpmlint rpmlint

binary=artifacts/bin/ueventctl
nats=artifacts/bin/uevent-nats
mapfile -t packages < <(packaging/rpm/build.sh x86_64 "$binary" "$nats")
check "four packages" test "${#packages[@]}" = 4
cp "${packages[@]}" "$work/"
packaging/rpm/build.sh x86_64 "$binary" "$nats" > /dev/null
for package in "${packages[@]}"; do check "the same bytes twice: ${package##*/}" cmp "$package" "$work/${package##*/}"; done
check rpmlint rpmlint --config packaging/rpm/rpmlint.toml --strict "${packages[@]}" packaging/rpm/uevent-manager.spec
mkdir "$work/root/first" "$work/root/next"
mv "$work"/*.rpm "$work/root/first/"
mapfile -t next < <(REVISION=2 packaging/rpm/build.sh x86_64 "$binary" "$nats")
mv "${next[@]}" "$work/root/next/"

before=$(ours)
# What Debian's packages provide is not in rpm's list: --nodeps is for those alone, and the first check asks rpm for all others.
rpm_inside() { shell "rpm --dbpath /rpmdb $1"; }
check "its libraries are those of libc" bash -c "! rpm -qp --requires '$work'/root/first/*.rpm | grep -vE '^(/bin/sh|systemd|lib[cm]\.so\.6|ld-linux|rtld\(|rpmlib\(|config\(|uevent-manager = )'"
check "install" rpm_inside '-i --nodeps /first/*.rpm'
told > /dev/null
check "nothing that it installed was changed" rpm_inside '-V --nodeps uevent-manager uevent-manager-udev uevent-manager-nats uevent-manager-devel'
check "it has a user" inside id uevent-manager
check "the command works" inside ueventctl --version
check "the bridge's command works" inside uevent-nats --version
check "a sample is there" test -s "$work/root/usr/share/doc/uevent-manager/examples/samples/README.md"
check "its rules are good" inside ueventctl rules check
check "the schema that its rules name is that of the command" shell 'ueventctl rules schema | cmp - "$(sed -n "1s/.*schema=//p" /usr/lib/uevent-manager/rules.d/60-net.yaml)"'
check "its manual page is found" inside man --path 8 uevent-manager
check "zsh's completion is where zsh looks" test -s "$work/root/usr/share/zsh/site-functions/_ueventctl"
check "its units are good" shell 'systemd-analyze verify /usr/lib/systemd/system/uevent-manager*.service /usr/lib/systemd/system/uevent-manager*.socket 2>&1 | (! grep "uevent-manager.*: \(Unknown\|Failed\|Invalid\)")'
check "any systemd can reload it" shell 'grep -q "^ExecReload=" /usr/lib/systemd/system/uevent-manager.service'
check "enabled as the presets say, and by nobody else" shell 'test "$(systemctl is-enabled uevent-manager.service)" = "$(systemctl is-enabled uevent-manager-kernel.socket)"'
shell 'echo "UEVENT_MANAGER_DEBUG=yes" >> /etc/default/uevent-manager; touch /etc/uevent-manager/rules.d/60-net.yaml'

check "upgrade" rpm_inside '-U --nodeps /next/*.rpm'
log=$(told)
check "an upgrade restarts the daemon" grep -q 'try-restart uevent-manager.service' <<< "$log"
check "an upgrade restarts what runs for udev" grep -qF 'try-restart uevent-forward@*.service' <<< "$log"
check "an upgrade stops nothing" test "$(grep -c '^stop \|disable' <<< "$log")" = 0
check "an upgrade keeps the configuration" shell 'grep -q ^UEVENT_MANAGER_DEBUG /etc/default/uevent-manager && test -e /etc/uevent-manager/rules.d/60-net.yaml'

check "remove what is for udev" rpm_inside '-e uevent-manager-udev'
check "it stops what it runs" grep -q "stop uevent-forward@" <<< "$(told)"
check "remove the bridge and what is for programs" rpm_inside '-e uevent-manager-nats uevent-manager-devel'
check "it stops the bridge" grep -q "disable --now uevent-manager-nats.service" <<< "$(told)"
check "remove" rpm_inside '-e uevent-manager'
log=$(told)
check "a removal stops it and its sockets" grep -q 'disable --now uevent-manager-kernel.socket .*uevent-manager.service' <<< "$log"
check "a removal keeps what was changed" shell 'grep -q ^UEVENT_MANAGER_DEBUG /etc/default/uevent-manager.rpmsave && test -e /etc/uevent-manager/rules.d/60-net.yaml'
shell 'rm -rf /etc/uevent-manager /etc/default/uevent-manager.rpmsave /run/uevent-manager'
check "nothing else is left" test "$(ours)" = "$before"
if [ "$(ours)" != "$before" ]; then diff <(echo "$before") <(ours); fi
ended
