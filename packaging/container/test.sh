#!/usr/bin/env bash
# The image as podman runs it, with Debian's podman in a root of its own: built without a registry, the daemon of the host's network namespace and
# that of another one, reached from outside by the mounted socket; and the
# manifest for Kubernetes, by the types of its client library. Needs root. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. packaging/version.sh
. packaging/root.sh

# With a mistake it must not pass.
manifest() { dotnet run packaging/container/manifest.cs -- "$1"; }
check "the manifest is one of Kubernetes" manifest packaging/container/kubernetes.yaml
sed 's/readOnlyRootFilesystem/readOnlyRootFileSystem/' packaging/container/kubernetes.yaml > "$work/wrong.yaml"
wrong() { ! manifest "$work/wrong.yaml"; }
check "a wrong name in a manifest is found" wrong

check "podman" inside apt-get install --yes --quiet=2 --no-install-recommends podman crun
PATH=/usr/bin:/bin packaging/container/build.sh artifacts/bin/ueventctl > /dev/null 2>&1
check "it is laid out" test -s artifacts/image/root/usr/bin/ueventctl
cp -r artifacts/image "$work/root/image"
cp packaging/container/kubernetes.yaml "$work/root/image/"

# COMMAND in the root, with network interfaces and processes of its own.
apart() {
    unshare --net --mount --pid --fork --kill-child sh -c 'mount -t sysfs s "$0/sys" && mount -t cgroup2 c "$0/sys/fs/cgroup" && mount -t proc p "$0/proc" &&
        mount -t tmpfs r "$0/run" && mkdir -p "$0/var/lib/containers" && mount -t tmpfs c "$0/var/lib/containers" &&
        exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root STORAGE_DRIVER=vfs sh -c "$1"' "$work/root" "$1"
}

# As in docs/installing.md, but for cgroups, which this root has no right to.
check "the image, and the daemon in it" apart "
set -e
image=uevent-manager:$version"'
podman --cgroup-manager=cgroupfs build --tag $image /image > /dev/null 2>&1
run() { podman --cgroup-manager=cgroupfs run --detach --cgroups=disabled --cap-drop all --cap-add NET_ADMIN --read-only "$@" > /dev/null; }
tool=/image/root/usr/bin/ueventctl
mkdir -p /run/uevent-manager /run/udev /run/uevent-manager-guest
run --name host --network host -v /run/uevent-manager:/run/uevent-manager -v /run/udev:/run/udev:ro $image
ip link add uem0 type veth peer name uem1
$tool wait net:uem0 --timeout 60s --socket /run/uevent-manager/socket
ip netns add guest
run --name guest --network ns:/run/netns/guest -v /run/uevent-manager-guest:/run/uevent-manager $image
ip link set uem1 netns guest
$tool wait net:uem1 --timeout 60s --socket /run/uevent-manager-guest/socket
$tool list -s net --socket /run/uevent-manager-guest/socket | grep -q uem1
if $tool list -s net --socket /run/uevent-manager-guest/socket | grep -q uem0; then echo "the guest sees the host"; exit 1; fi
podman stop host guest > /dev/null
podman logs host 2>&1 | grep -q "handed over" || { podman logs host; exit 1; }
podman rm host guest > /dev/null'
ended
