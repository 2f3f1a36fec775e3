# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Shared by the scripts of this directory; to be sourced by a POSIX shell.

say()
{
    printf '%s\n' "$*"
}

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Debian's tools ask nothing, and are found by a normal user too.
export DEBIAN_FRONTEND=noninteractive
export PATH="$PATH:/usr/sbin:/sbin"

# The address of the Debian archive that this machine's own apt sources use (SFS_DEBIAN_MIRROR overrides it).  The
# first source of the running release wins; a machine without such a source falls back to its first one.
debian_mirror()
{
    if [ -n "${SFS_DEBIAN_MIRROR:-}" ]; then
        say "$SFS_DEBIAN_MIRROR"
        return
    fi
    # shellcheck disable=SC2016 # the names between $( ) are apt's
    targets=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages')
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    site=$(say "$targets" | awk -v release="$codename" '$2 == release { print $1; exit }')
    [ -n "$site" ] || site=$(say "$targets" | awk 'NF { print $1; exit }')
    [ -n "$site" ] || die "no Debian mirror: apt has no sources (add one, or set SFS_DEBIAN_MIRROR)"
    say "$site"
}

# The packages of the arguments that are not installed, on one line.
missing_packages()
{
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null) in
        "installed "*) ;;
        *) missing="$missing $package" ;;
        esac
    done
    say "${missing# }"
}

# Install what is missing of the arguments; as a normal user that is an error which names the packages.
install_packages()
{
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    [ "$(id -u)" = 0 ] || die "packages are missing: $missing (apt-get install them as root)"
    # shellcheck disable=SC2086 # a list of words
    if ! apt-get -q -y --no-install-recommends install $missing </dev/null >/dev/null 2>&1; then
        # The lists of a bare machine are empty or old.
        apt-get -q update </dev/null >/dev/null || die "apt-get update failed"
        # shellcheck disable=SC2086
        apt-get -q -y --no-install-recommends install $missing </dev/null >/dev/null ||
            die "cannot install: $missing"
    fi
}
