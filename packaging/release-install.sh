#!/usr/bin/env bash
# release-install.sh [OLD.deb…]: installs each file of artifacts/release: Debian's packages for this architecture in a root of their own with all that
# systemd and dpkg do, and all others, also those for arm64, in empty roots. What is for arm64 runs by qemu-user, if there is one. With packages of an
# earlier version it upgrades from these. Needs root. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. packaging/version.sh
. packaging/root.sh
release=$PWD/artifacts/release
cd "$release" || exit 1

sums() { (sha256sum --check --quiet SHA256SUMS && [ "$(find . -type f ! -name SHA256SUMS | wc -l)" = "$(wc -l < SHA256SUMS)" ]) }
check "SHA256SUMS names every file" sums

emulator=$(command -v qemu-aarch64) || emulator=
if [ -n "$emulator" ]; then (cd ../.. && tests/arm64/root.sh) || emulator=; fi
# runs ROOT ARCHITECTURE PROGRAM ARGUMENT…
runs() {
    local root=$1 architecture=$2 program=$3
    shift 3
    case $architecture in
        amd64 | x86_64) "$root/$program" "$@" ;;
        *) [ -z "$emulator" ] || "$emulator" -L ../arm64-root "$root/$program" "$@" ;;
    esac
}
version_of() { runs "$1" "$2" "$3" --version | grep "$version"; }
# Every link leads somewhere in the root, and nothing is for its owner alone. ROOT
sound() { (cd "$1" && ! find . -xtype l | grep . && ! find . -mindepth 1 ! -type l ! -perm -a+r | grep -v '^./var/lib/dpkg' | grep . && ! find . -type d ! -perm 755 | grep -v -e '^\.$' -e '^./var' | grep .); }

for architecture in amd64 arm64; do
    empty=$work/deb-$architecture
    mkdir -p "$empty"
    for package in ./*_"$architecture".deb ./*_all.deb; do
        check "${package##*/} has no file of another package" test -z "$(dpkg-deb --fsys-tarfile "$package" | tar --list | grep -v '/$' | while read -r file; do if [ -e "$empty/$file" ]; then echo "$file"; fi; done)"
        check "unpack ${package##*/}" dpkg-deb --extract "$package" "$empty"
    done
    check "the programs of Debian's packages for $architecture" version_of "$empty" "$architecture" usr/bin/ueventctl
    check "the bridge of Debian's packages for $architecture" version_of "$empty" "$architecture" usr/bin/uevent-nats
    check "the rules of Debian's packages for $architecture" runs "$empty" "$architecture" usr/bin/ueventctl rules check --rules "$empty/usr/lib/uevent-manager/rules.d"
    check "what Debian's packages for $architecture install" sound "$empty"
done
for architecture in x86_64 aarch64; do
    empty=$work/rpm-$architecture
    mkdir -p "$empty"
    # What they depend on is not there, nor a shell for the scripts.
    check "RPM packages for $architecture" rpm --root "$empty" --install --nodeps --ignorearch --noscripts ./*."$architecture".rpm ./*.noarch.rpm
    check "each file of the RPM packages for $architecture is as it was packed" rpm --root "$empty" --verify --nodeps --noscripts uevent-manager uevent-manager-udev uevent-manager-nats uevent-manager-devel
    check "the programs of the RPM packages for $architecture" version_of "$empty" "$architecture" usr/bin/ueventctl
    check "the bridge of the RPM packages for $architecture" version_of "$empty" "$architecture" usr/bin/uevent-nats
    check "the rules of the RPM packages for $architecture" runs "$empty" "$architecture" usr/bin/ueventctl rules check --rules "$empty/usr/lib/uevent-manager/rules.d"
    check "RPM packages for $architecture leave nothing" rpm --root "$empty" --erase --nodeps --noscripts uevent-manager-udev uevent-manager-nats uevent-manager-devel uevent-manager
    check "nothing is left of the RPM packages for $architecture" test -z "$(find "$empty" -name '*uevent*' ! -path "$empty/var/*")"
done
mkdir "$work/tar" "$work/source"
check "the archive of what make install installs" tar --extract --file "uevent-manager-$version-linux-x64.tar.gz" --directory "$work/tar"
check "its program" version_of "$work/tar" amd64 usr/bin/ueventctl
check "its rules" runs "$work/tar" amd64 usr/bin/ueventctl rules check --rules "$work/tar/usr/lib/uevent-manager/rules.d"
check "what it installs" sound "$work/tar"
check "the source" tar --extract --file "uevent-manager-$version.tar.gz" --directory "$work/source"
check "its make" make --no-print-directory -C "$work/source/uevent-manager-$version" help
for list in ./*.cdx.json; do check "${list##*/} is a bill of materials" python3 -c 'import json, sys; l = json.load(open(sys.argv[1])); assert l["bomFormat"] == "CycloneDX" and l["metadata"]["component"]["version"] == sys.argv[2]' "$list" "$version"; done
for package in ./*.nupkg ./*.snupkg; do check "${package##*/} can be unpacked" unzip -tq "$package"; done

mkdir "$work/root/release"
cp ./*_amd64.deb ./*_all.deb "$work/root/release/"
if [ $# -gt 0 ]; then
    mkdir "$work/root/old" && cp "$@" "$work/root/old/"
    check "install the version before" shell 'dpkg --install /old/*.deb'
    shell 'echo UEVENT_MANAGER_DEBUG=yes >> /etc/default/uevent-manager; ln -s /dev/null /etc/uevent-manager/rules.d/60-net.yaml'
    told > /dev/null
    check "upgrade from it" shell 'dpkg --auto-deconfigure --install --force-confold /release/*.deb'
    log=$(told)
    check "the upgrade restarts the daemon" grep -q 'restart .*uevent-manager.service' <<< "$log"
    check "the upgrade stops nothing" test "$(grep -c '^\(--[a-z]* \)*stop ' <<< "$log")" = 0
    check "the upgrade keeps the configuration" shell 'grep -q ^UEVENT_MANAGER_DEBUG /etc/default/uevent-manager && test -L /etc/uevent-manager/rules.d/60-net.yaml'
else
    check "install all of Debian's packages" shell 'dpkg --install /release/*.deb'
fi
check "all are installed" test "$(shell "dpkg-query --show --showformat '\${db:Status-Status} \${Version}\n' 'uevent-manager*' | grep -c '^installed $version-1$'")" = 4
check "dpkg finds every file as it was packed" test -z "$(shell "dpkg --verify uevent-manager uevent-manager-udev uevent-manager-nats uevent-manager-dev | grep -v ' c /etc'")"
check "the installed command" inside ueventctl rules check
check "purge all" shell "dpkg --purge uevent-manager-udev uevent-manager-nats uevent-manager-dev uevent-manager"
check "nothing is left" shell '! find /etc /usr /var/lib/uevent-manager -name "*uevent-manager*" 2> /dev/null | grep .'
ended
