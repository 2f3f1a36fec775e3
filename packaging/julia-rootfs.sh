#!/bin/sh
# SPDX-License-Identifier: MIT
# Make a small root directory of Debian 11 that has Julia (1.5.3), for the tests with a real Julia.
#
#   packaging/julia-rootfs.sh DIR        as root
#
# Nothing is mounted in it.  To run Julia, in a mount namespace of its own so that nothing stays behind:
#
#   unshare --mount --propagation private sh -c 'mount --rbind /proc DIR/proc && exec chroot DIR julia ...'
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

suite=bullseye
stamp=etc/stablefs-julia-rootfs # written last; its content says what was made

case ${1:-} in
/*) dir=${1%/} ;;
'' | -*) say "usage: $0 DIR" >&2 && exit 2 ;;
*) dir=$(pwd)/${1%/} ;;
esac

if [ -s "$dir/$stamp" ]; then
    say "$(cat "$dir/$stamp") is in $dir already"
    exit 0
fi
[ "$(id -u)" = 0 ] || die "only root can make a root directory (run it as root)"
[ ! -e "$dir" ] || [ -z "$(ls -A "$dir")" ] || die "$dir is there and was not made by this script (remove it)"

install_packages mmdebstrap debian-archive-keyring ca-certificates

# The release is old: it is on the ordinary mirror, or has moved to the archive host beside it.
mirror=$(debian_mirror)
archive=$(say "$mirror" | sed 's,^\([a-z]*://\)[^./]*\.,\1archive.,')
has_suite()
{
    /usr/lib/apt/apt-helper download-file "$1/dists/$suite/InRelease" "$work/InRelease" >/dev/null 2>&1
}

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$dir.new.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
if ! has_suite "$mirror"; then
    has_suite "$archive" || die "neither $mirror nor $archive has $suite (set SFS_DEBIAN_MIRROR)"
    mirror=$archive
fi

# Real installation scripts run, because BLAS and LAPACK are chosen by update-alternatives.
if ! mmdebstrap --variant=essential --include=julia --components=main --mode=root \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$suite" "$work/root" "$mirror" </dev/null >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    die "mmdebstrap failed"
fi
chmod 755 "$work/root"

version=$(unshare --mount --propagation private sh -c \
    'mount --rbind /proc "$1/proc" && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$1" julia --version' \
    sh "$work/root" </dev/null) || die "julia does not run in the new root directory"
say "$version" >"$work/root/$stamp"
[ ! -e "$dir" ] || rmdir "$dir"
mv -T "$work/root" "$dir"
say "$version is in $dir"
