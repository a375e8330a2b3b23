#!/bin/sh
# install.sh install|install-udev|install-nats|install-devel|uninstall: what `make install` and the packages put where. From the environment:
#   BINARY           the ueventctl to install (default artifacts/bin/ueventctl)
#   NATS             the uevent-nats to install (default artifacts/bin/uevent-nats)
#   TOOL, NATS_TOOL  those that run on this machine, for the completions (default $BINARY and $NATS)
#   DESTDIR, PREFIX  as usual; PREFIX is /usr unless given
#   SYSTEMD_VERSION  of the target (default: this machine's); Type=notify-reload came with 253
#   ZSH_FUNCTIONS    where zsh looks for completions of packages (default: Debian's $PREFIX/share/zsh/vendor-completions)
#   SOURCE_DATE_EPOCH  the time of every file (default: that of the last commit or of CHANGELOG.md)
set -eu
cd "$(dirname "$0")/.."

DESTDIR=${DESTDIR:-} PREFIX=${PREFIX:-/usr}
BINARY=${BINARY:-artifacts/bin/ueventctl}
TOOL=${TOOL:-$BINARY}
NATS=${NATS:-artifacts/bin/uevent-nats}
SYSTEMD_VERSION=${SYSTEMD_VERSION:-$(systemctl --version 2> /dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')}
. packaging/version.sh

units=$PREFIX/lib/systemd/system
zsh_functions=${ZSH_FUNCTIONS:-$PREFIX/share/zsh/vendor-completions}

# The time of what is installed is the source's, not that of the build: the same source gives the same package.
put() { # MODE TARGET < content
    target=$DESTDIR$2
    mkdir -p "$(dirname "$target")"
    cat > "$target.new"
    chmod "$1" "$target.new"
    touch --date="@$SOURCE_DATE_EPOCH" "$target.new"
    mv -f "$target.new" "$target"
}

# Before 253 the reload is ours to ask for; SIGHUP is what notify-reload would send. By the shell's own kill: that of procps is not on
# every system.
# shellcheck disable=SC2016 # $MAINPID is expanded by systemd
service() {
    if [ "${SYSTEMD_VERSION:-253}" -ge 253 ]; then cat; else sed 's|^Type=notify-reload|Type=notify\nExecReload=/bin/sh -c "kill -HUP $MAINPID"|'; fi \
        < systemd/uevent-manager.service | sed "s|/usr/bin/ueventctl|$PREFIX/bin/ueventctl|"
}

# From 262 on the socket says what is spoken there (varlinkctl list-sockets); before, these lines would be complained of.
socket() {
    if [ "${SYSTEMD_VERSION:-0}" -lt 262 ]; then cat; else sed 's|^ListenStream=.*|&\nXAttrEntryPoint=user.varlink=entrypoint\nXAttrListen=user.varlink=listen|'; fi \
        < systemd/uevent-manager.socket
}

# Beside the daemon's: which the base has, and which are of the package uevent-manager-udev.
own_units="uevent-run@.service uevent-wait@.service uevent-settle.service"
udev_units="uevent-forward@.service uevent-manager-retell.service"
unit() { # NAME
    sed "s|/usr/bin/ueventctl|$PREFIX/bin/ueventctl|" "systemd/$1" | put 644 "$units/$1"
}

# The first line of a rule file names the schema for editors.
rules() { # FILE
    sed "1s|/usr/share/|$PREFIX/share/|" "$1"
}

completion() { # SHELL TARGET [PROGRAM]
    if ! text=$("${3:-$TOOL}" completion "$1" 2> /dev/null); then return; fi
    printf '%s\n' "$text" | put 644 "$2"
}

install_all() {
    put 755 "$PREFIX/bin/ueventctl" < "$BINARY"
    service | put 644 "$units/uevent-manager.service"
    for socket in uevent-manager-kernel.socket uevent-manager-udev.socket; do
        put 644 "$units/$socket" < "systemd/$socket"
    done
    socket | put 644 "$units/uevent-manager.socket"
    for unit in $own_units; do unit "$unit"; done
    put 644 "$PREFIX/lib/sysusers.d/uevent-manager.conf" < systemd/uevent-manager.sysusers
    put 644 "$PREFIX/lib/tmpfiles.d/uevent-manager.conf" < systemd/uevent-manager.tmpfiles
    for rule in rules/*.yaml; do
        rules "$rule" | put 644 "$PREFIX/lib/uevent-manager/rules.d/${rule##*/}"
    done
    for example in rules/examples/*.yaml; do
        rules "$example" | put 644 "$PREFIX/share/doc/uevent-manager/examples/${example##*/}"
    done
    for page in README.md docs/*.md; do
        put 644 "$PREFIX/share/doc/uevent-manager/$page" < "$page"
    done
    for schema in packaging/schema/*.json; do
        put 644 "$PREFIX/share/uevent-manager/schema/${schema##*/}" < "$schema"
    done
    # Supervisors other than systemd.
    put 755 "$PREFIX/lib/uevent-manager/run" < packaging/init/run
    (cd packaging/init && find openrc runit s6 dinit -type f | LC_ALL=C sort) | while read -r file; do
        if [ -x "packaging/init/$file" ]; then mode=755; else mode=644; fi
        put "$mode" "$PREFIX/share/uevent-manager/init/$file" < "packaging/init/$file"
    done
    for page in packaging/man/*.[1578]; do
        case $page in */uevent-nats.*) continue ;; esac
        gzip --best --no-name < "$page" | put 644 "$PREFIX/share/man/man${page##*.}/${page##*/}.gz"
    done
    completion bash "$PREFIX/share/bash-completion/completions/ueventctl"
    completion zsh "$zsh_functions/_ueventctl"
    completion fish "$PREFIX/share/fish/vendor_completions.d/ueventctl.fish"
    # An administrator's file stays as it is.
    if [ ! -e "$DESTDIR/etc/default/uevent-manager" ]; then
        put 644 /etc/default/uevent-manager < packaging/default
    fi
    if [ ! -e "$DESTDIR/etc/uevent-manager/run.d/example.conf" ]; then
        put 644 /etc/uevent-manager/run.d/example.conf < packaging/run.d-example.conf
    fi
    mkdir -p "$DESTDIR/etc/uevent-manager/rules.d" "$DESTDIR/etc/uevent-manager/run.d"
}

# What is for programs that know only udev; enabled by nobody but an administrator.
install_udev() {
    for unit in $udev_units; do unit "$unit"; done
    mkdir -p "$DESTDIR/etc/uevent-manager/forward.d"
}

# For whoever writes a subscriber.
install_devel() {
    (cd samples && find . -type f -not -path '*/bin/*' -not -path '*/obj/*' | LC_ALL=C sort) | while read -r sample; do
        if [ -x "samples/$sample" ]; then mode=755; else mode=644; fi
        put "$mode" "$PREFIX/share/doc/uevent-manager/examples/samples/${sample#./}" < "samples/$sample"
    done
    for interface in src/UeventManager/Varlink/org.*.varlink; do
        put 644 "$PREFIX/share/uevent-manager/varlink/${interface##*/}" < "$interface"
    done
}

# What publishes to a broker: a program of its own, so that what else is installed has no network in it.
install_nats() {
    put 755 "$PREFIX/bin/uevent-nats" < "$NATS"
    sed "s|/usr/bin/uevent-nats|$PREFIX/bin/uevent-nats|" systemd/uevent-manager-nats.service | put 644 "$units/uevent-manager-nats.service"
    gzip --best --no-name < packaging/man/uevent-nats.1 | put 644 "$PREFIX/share/man/man1/uevent-nats.1.gz"
    completion bash "$PREFIX/share/bash-completion/completions/uevent-nats" "${NATS_TOOL:-$NATS}"
    completion zsh "$zsh_functions/_uevent-nats" "${NATS_TOOL:-$NATS}"
    completion fish "$PREFIX/share/fish/vendor_completions.d/uevent-nats.fish" "${NATS_TOOL:-$NATS}"
    for file in docs/fleet.md docs/fleet-permissions.conf; do
        put 644 "$PREFIX/share/doc/uevent-manager-nats/${file##*/}" < "$file"
    done
    if [ ! -e "$DESTDIR/etc/default/uevent-manager-nats" ]; then
        put 644 /etc/default/uevent-manager-nats < packaging/default-nats
    fi
}

uninstall_all() {
    rm -f "$DESTDIR$PREFIX/bin/uevent-nats" "$DESTDIR$units/uevent-manager-nats.service" "$DESTDIR$PREFIX/share/bash-completion/completions/uevent-nats" \
        "$DESTDIR$zsh_functions/_uevent-nats" "$DESTDIR$PREFIX/share/fish/vendor_completions.d/uevent-nats.fish"
    if cmp -s packaging/default-nats "$DESTDIR/etc/default/uevent-manager-nats"; then rm -f "$DESTDIR/etc/default/uevent-manager-nats"; fi
    rm -rf "$DESTDIR$PREFIX/share/doc/uevent-manager-nats"
    for page in packaging/man/*.[1578]; do
        rm -f "$DESTDIR$PREFIX/share/man/man${page##*.}/${page##*/}.gz"
    done
    rm -f "$DESTDIR$zsh_functions/_ueventctl"
    for file in bin/ueventctl lib/systemd/system/uevent-manager.service lib/systemd/system/uevent-manager-kernel.socket \
        lib/systemd/system/uevent-manager-udev.socket lib/systemd/system/uevent-manager.socket lib/sysusers.d/uevent-manager.conf lib/tmpfiles.d/uevent-manager.conf \
        share/bash-completion/completions/ueventctl share/fish/vendor_completions.d/ueventctl.fish; do
        rm -f "$DESTDIR$PREFIX/$file"
    done
    for unit in $own_units $udev_units; do rm -f "$DESTDIR$units/$unit"; done
    # Unless an administrator has made it his own.
    if cmp -s packaging/run.d-example.conf "$DESTDIR/etc/uevent-manager/run.d/example.conf"; then
        rm -f "$DESTDIR/etc/uevent-manager/run.d/example.conf"
    fi
    rm -rf "$DESTDIR$PREFIX/lib/uevent-manager" "$DESTDIR$PREFIX/share/uevent-manager" "$DESTDIR$PREFIX/share/doc/uevent-manager"
}

umask 022
case ${1:-} in
    install) install_all ;;
    install-udev) install_udev ;;
    install-nats) install_nats ;;
    install-devel) install_devel ;;
    uninstall) uninstall_all ;;
    *) echo "usage: install.sh install|install-udev|install-nats|install-devel|uninstall" >&2; exit 2 ;;
esac
