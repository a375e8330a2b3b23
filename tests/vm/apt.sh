# Sourced by build.sh: packages by this machine's own apt, or by a private one of another release of Debian (tests/apt.sh). Whatever apt it is,
# packages are downloaded, verified and unpacked, and never installed: nothing of the machine changes.
is_private() { [ -n "$apt_config" ]; }
# Downloads what is not there yet, by the machine's own apt.
fetch() { (cd "$packages" && quietly apt-get download --quiet=2 -o Debug::NoLocking=1 "$@") || fail "apt-get cannot download: $*"; }
newest_package() { ls -t "$packages/$1"_*.deb | head -n 1; }
depends() { by_apt apt-cache depends "$1" | sed -n 's/^ *|\?Depends: //p'; }
newest_kernel() {
    by_apt apt-cache search --names-only "^linux-headers-$pattern[.-][^ ]*$flavour-$arch\$" | cut -d' ' -f1 | sed 's/^linux-headers-//' \
        | if [ -n "$flavour" ]; then cat; else grep -vE -- "-(rt|cloud|[0-9]+k)-$arch\$" || true; fi | sort -V | tail -n 1
}

# The release of Debian that has a series which this machine's own may not have.
private_suite() {
    case $number in
        5.10) echo bullseye ;;
        6.1) echo bookworm ;;
        6.12) echo trixie ;;
        *.x) echo sid ;;
        *) echo trixie-backports ;;
    esac
}

# private_release SUITE ARCHITECTURE: from now on packages come from a release of Debian.
private_release() {
    local suites=("$1") own=$vm/apt/$1
    [ "$2" = amd64 ] || own+=-$2
    # Unstable has no other; of a release the mended kernels come from there. Backports need their release.
    case $1 in
        sid) ;;
        *-backports) suites+=("${1%-backports}" "${1%-backports}-security") ;;
        *) suites+=("$1-security") ;;
    esac
    say "apt-get update of $1 for $2"
    quietly private_apt "$own" "$2" "${suites[@]}" || fail "apt-get update of $1 failed"
    apt_config=$own/apt.conf # quietly ran it in a shell of its own
    # What a package of backports needs may be newer than the release's.
    case $1 in *-backports) echo "APT::Default-Release \"$1\";" >> "$apt_config" ;; esac
}

# unpack_closure ROOT WHAT PACKAGE…: the packages with all that they depend on, as a root in which programs can run.
unpack_closure() {
    local to=$1 what=$2 own list name
    shift 2
    own=$(dirname "$apt_config")
    list=$(by_apt apt-get install --print-uris --yes --quiet=2 "$@" | awk '{ print $2 }')
    say "download $what: $(echo "$list" | wc -l) packages"
    quietly by_apt apt-get install --download-only --yes --quiet=2 "$@" || fail "apt-get cannot download: $*"
    say "unpack them"
    # First what says how the directories of the root are linked.
    for name in $(echo "$list" | grep -E '^(usrmerge|usr-is-merged|base-files)_') $list; do
        dpkg-deb --extract "$own/cache/archives/$name" "$to"
    done
    rm -rf "$own/cache/archives"
    # What the packages' scripts would link.
    [ -e "$to/bin/sh" ] || ln -s dash "$to/bin/sh"
    [ -e "$to/usr/bin/awk" ] || ln -s mawk "$to/usr/bin/awk"
    mkdir -p "$to/dev" "$to/tmp" "$to/proc" "$to/work"
}

# make as the kernel was built with: the machine's, or in the root of the private release, which sees nothing else of the machine.
kernel_make() {
    if ! is_private; then
        make "$@"
        return
    fi
    local map=()
    [ "$(id -u)" -eq 0 ] || map=(--map-root-user)
    # shellcheck disable=SC2016 # the inner shell expands these
    unshare "${map[@]}" --mount --propagation private sh -c \
        'root=$1; shift; mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" && mount -t tmpfs tmp "$root/tmp" && exec chroot "$root" env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin make "$@"' \
        sh "$tree" ${cross:+ARCH="$arch" CROSS_COMPILE="$cross"} "$@"
}
