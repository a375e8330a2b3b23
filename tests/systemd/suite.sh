# Sourced by build.sh and boot.sh: which release of Debian, from where, and its place.
suite=${VM_SUITE:-bookworm}
mirror=${VM_MIRROR:-http://deb.debian.org/debian}
case $suite in *[!a-z]* | '') echo "VM_SUITE=$suite: give a release of Debian, as bookworm or trixie" >&2; exit 2 ;; esac
# shellcheck disable=SC2034,SC2154
guest=$vm/$suite
