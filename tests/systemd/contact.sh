#!/usr/bin/env bash
# First contact: what somebody meets who has a clean Debian and this project's page. In a copy of the guest's root file system, in
# namespaces of its own, without systemd: installs the package, starts the daemon by hand, follows README.md's first rule as it stands
# there, and makes the mistakes that everybody makes. Needs root. Prints one row for each; ends with one line: N passed, N failed.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
title=contact-test
. "$here/../vm/common.sh"
. "$here/suite.sh"

if [ "${1:-}" != inside ]; then
    SYSTEMD_VERSION=$(cat "$guest/systemd-version")
    export SYSTEMD_VERSION
    deb=$(cd "$root" && COMPRESSION=none REVISION=0contact packaging/deb/build.sh amd64 artifacts/bin/ueventctl) || exit 1
    work=$(mktemp --directory)
    trap 'rm -rf "$work" "$deb"' EXIT
    unshare --net --mount --pid --fork --propagation private "${BASH_SOURCE[0]}" inside "$work" "$deb"
    exit
fi

work=$2 deb=$3
clean=$work/root
mount -t tmpfs t "$work" && mkdir -p "$work/upper" "$work/work" "$clean" || exit 1
mount -t overlay -o "lowerdir=$guest/root,upperdir=$work/upper,workdir=$work/work" o "$clean" || exit 1
mount -t proc p "$clean/proc" && mount -t sysfs s "$clean/sys" && mount -t tmpfs d "$clean/dev" && mount -t tmpfs r "$clean/run" || exit 1
for node in null zero urandom tty; do touch "$clean/dev/$node" && mount --bind "/dev/$node" "$clean/dev/$node"; done
mkdir -p "$clean/srv"
cp "$deb" "$clean/srv/uevent-manager.deb"
cp "$root/README.md" "$clean/srv/"
ip link set lo up

passed=0 failed=0
inside() { chroot "$clean" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
# answers WHAT CODE PATTERN COMMAND…: the exit status, and an answer that names the next step.
answers() {
    local what=$1 want=$2 pattern=$3 said code=0; shift 3
    said=$("$@" 2>&1) || code=$?
    if [ $code = "$want" ] && grep -qE -- "$pattern" <<< "$said"; then
        passed=$((passed + 1))
        say "ok     $what: $(grep -m 1 -E -- "$pattern" <<< "$said")"
    else
        failed=$((failed + 1))
        say "FAILED $what: exit status $code, $(tail -n 5 <<< "$said")"
    fi
}
nobody() { inside setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

answers "apt install ./uevent-manager.deb" 0 'Setting up uevent-manager' inside apt-get install --yes /srv/uevent-manager.deb
answers "ueventctl without arguments" 0 'ueventctl monitor --standalone' inside ueventctl
answers "a command with a typo" 2 "did you mean 'monitor'" inside ueventctl monitro
answers "an option with a typo" 2 "did you mean '--unsettled'" inside ueventctl list --unsetled
answers "without a daemon" 4 'systemctl start uevent-manager' inside ueventctl list
# By hand as root it would have to trust a directory of the service's user.
answers "everything that a start needs, in the service's directory, as root" 1 'belongs to uid' inside ueventctl daemon --check
answers "everything that a start needs, as the service's user" 0 . inside setpriv --reuid=uevent-manager --regid=uevent-manager --clear-groups ueventctl daemon --check

# Not by a function: what is ended below must be the daemon itself.
chroot --userspec=uevent-manager:uevent-manager "$clean" /usr/bin/env -i PATH=/usr/bin ueventctl daemon > "$work/daemon.log" 2>&1 &
daemon=$!
until grep -qs 'ready [0-9]' "$work/daemon.log"; do
    kill -0 "$daemon" 2> /dev/null && [ $((SECONDS - began)) -lt 300 ] || { say "FAILED the daemon does not start: $(tail -n 3 "$work/daemon.log")"; exit 1; }
    sleep 0.1
done
answers "reading without rights" 0 'announced' nobody ueventctl status
answers "changing without rights" 1 'root|user' nobody ueventctl reload

# Each command of the block, as it stands there.
sed -n '/^## A first rule/,/^## Subscribe/p' "$clean/srv/README.md" | sed -n 's/^    //p' > "$clean/srv/first-rule.sh"
answers "README.md's first rule has its commands" 0 'ueventctl reload' cat "$clean/srv/first-rule.sh"
answers "README.md's first rule, from the first line to the last" 0 'ifalias' inside bash -ex /srv/first-rule.sh
answers "the device is settled then" 0 'my-first' inside ueventctl info net:first0
chmod 0600 "$clean/run/uevent-manager/socket"
answers "a socket that may not be opened" 4 'run it as root' nobody ueventctl list
kill "$daemon" && wait "$daemon"
answers "the daemon ends in order" 0 'handed over' cat "$work/daemon.log"

say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
