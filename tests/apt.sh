# Sourced: a private apt of another release of Debian, or of another architecture, with sources, lists, cache and state of its own. Packages are
# downloaded, verified by the keys of this machine's package debian-archive-keyring, and unpacked; nothing is ever installed.
keyring=${VM_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
apt_config=

# Where this machine's own apt has Debian from, whatever release that is.
mirror_of_apt() {
    # shellcheck disable=SC2016 # apt-get expands these
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' |
        sed -n 's/^Debian|Debian|main|//p' | sort --unique | sed -n 1p
}

# A command of apt with the private configuration, if there is one.
by_apt() { if [ -n "$apt_config" ]; then APT_CONFIG=$apt_config "$@"; else "$@"; fi; }

# private_apt DIRECTORY ARCHITECTURE SUITE…: from now on by_apt is this one. A suite that ends with -security is of the mirror for those. The date of a
# release file is not asked: mirrors may stand still.
private_apt() {
    local own=$1 architecture=$2 mirror suite
    shift 2
    mirror=${VM_MIRROR:-$(mirror_of_apt)}
    [ -n "$mirror" ] || { echo "this machine's apt has no mirror of Debian (apt-get update?): give one as VM_MIRROR" >&2; return 1; }
    [ -r "$keyring" ] || { echo "$keyring is missing: install debian-archive-keyring, or name a file as VM_KEYRING" >&2; return 1; }
    mkdir -p "$own/state/lists/partial" "$own/cache/archives/partial" "$own/parts"
    : > "$own/status"
    for suite; do
        case $suite in
            *-security) echo "deb [signed-by=$keyring] ${VM_SECURITY_MIRROR:-${mirror%/}-security} $suite main" ;;
            *) echo "deb [signed-by=$keyring] $mirror $suite main" ;;
        esac
    done > "$own/sources.list"
    {
        # How the machine reaches mirrors, a proxy for example, is as it is.
        apt-config dump | grep -E '^Acquire::(http|https|Retries|ForceIPv)' || true
        cat <<- END
		Dir::Etc::SourceList "$own/sources.list";
		Dir::Etc::SourceParts "$own/parts";
		Dir::Etc::Parts "$own/parts";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "$own/parts";
		Dir::Etc::Trusted "/dev/null";
		Dir::Etc::TrustedParts "$own/parts";
		Dir::State "$own/state";
		Dir::State::status "$own/status";
		Dir::Cache "$own/cache";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		APT::Architecture "$architecture";
		APT::Architectures "$architecture";
		APT::Install-Recommends "false";
		APT::Sandbox::User "";
		Debug::NoLocking "true";
		END
    } > "$own/apt.conf"
    apt_config=$own/apt.conf
    by_apt apt-get update --quiet=2
}
