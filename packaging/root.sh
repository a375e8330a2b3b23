#!/bin/sh
# Sourced by the tests of the packages: a root of their own, which is this machine's under an overlay, with a stand-in for systemctl that writes
# down what it is told (the guest of `make systemd-test` has a real one). Needs root. Sets $work, $passed, $failed.
# shellcheck disable=SC2034,SC2154
passed=0 failed=0
check() { # WHAT COMMAND…
    what=$1; shift
    if said=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); echo "  failed: $what: $said"; fi
}
ended() { echo "$passed passed, $failed failed"; [ "$failed" -eq 0 ]; }

if [ "$(id -u)" -ne 0 ]; then echo "$0: needs root, for a root of its own" >&2; exit 1; fi
# PROGRAM PACKAGE…
need() {
    if command -v "$1" > /dev/null; then return; fi
    shift
    apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "$@" > /dev/null || exit 1
}

work=$(mktemp --directory)
# Never into what is mounted there: /dev is this machine's.
trap 'umount -R --lazy "$work/root" 2> /dev/null; umount --lazy "$work/layer" 2> /dev/null; rm -rf --one-file-system "$work"' EXIT
mkdir "$work/layer" "$work/root"
mount -t tmpfs t "$work/layer" || exit 1
mkdir "$work/layer/upper" "$work/layer/work"
mount -t overlay -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" o "$work/root" || exit 1
mount -t proc p "$work/root/proc" && mount --bind /dev "$work/root/dev" && mount -t tmpfs r "$work/root/run" || exit 1

inside() { chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
shell() { inside sh -c "$1"; }
told() { cat "$work/root/systemctl.log" 2> /dev/null; rm -f "$work/root/systemctl.log"; }
# Everything that is ours, but the lists of the package manager and of users.
ours() { shell 'find /etc /usr /run /var/lib/systemd -name "*uevent-manager*" -o -name "uevent-*@.service" | sort'; }

# A system that runs systemd, as far as the scripts can see: enabling works on files, everything else is written down.
mkdir -p "$work/root/run/systemd/system"
real=$(readlink -f "$(command -v systemctl)")
cp "$real" "$work/root/systemctl"
cat > "$work/stand-in" << 'END'
#!/bin/sh
case "$*" in
    *"disable --now"*) echo "$*" >> /systemctl.log; shift 3; exec /systemctl --root=/ disable "$@" ;;
    *preset* | *is-enabled* | *disable*) exec /systemctl --root=/ "$@" ;;
    *"show "*) echo loaded ;;
    *) echo "$*" >> /systemctl.log ;;
esac
END
chmod 755 "$work/stand-in"
mount --bind "$work/stand-in" "$work/root$real" || exit 1
rm -f "$work/root/usr/sbin/policy-rc.d"
