# Sourced by build.sh, boot.sh and contact.sh: which release of Debian, and its place.
suite=${VM_SUITE:-bookworm}
case $suite in *[!a-z]* | '') echo "VM_SUITE=$suite: give a release of Debian, as bookworm or trixie" >&2; exit 2 ;; esac

# shellcheck disable=SC2034,SC2154
guest=$vm/$suite
