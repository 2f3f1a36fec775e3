#!/bin/sh
# SPDX-License-Identifier: MIT
# Make a fresh root directory of Debian 12, in which the tests install the package.
#
#   packaging/fresh-rootfs.sh DIR        as root
#
# It has the packages of a minimal system, and in apt's cache, not installed, what the package and its tests depend on:
# so it can be installed later without a network.  Nothing is mounted in it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

suite=bookworm
later='fuse3 libcap-ng0 libfuse3-3 libinih1 libjansson4 libseccomp2 libssl3 man-db mount systemd util-linux'
stamp=etc/stablefs-fresh-rootfs # written last; its content says what was made

case ${1:-} in
/*) dir=${1%/} ;;
'' | -*) say "usage: $0 DIR" >&2 && exit 2 ;;
*) dir=$(pwd)/${1%/} ;;
esac

if [ "$(cat "$dir/$stamp" 2>/dev/null)" = "$suite: $later" ]; then
    say "$suite is in $dir already"
    exit 0
fi
[ "$(id -u)" = 0 ] || die "only root can make a root directory (run it as root)"
[ ! -e "$dir" ] || [ -e "$dir/$stamp" ] || die "$dir is there and was not made by this script (remove it)"

install_packages mmdebstrap debian-archive-keyring ca-certificates
mirror=$(debian_mirror)

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$dir.new.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
if ! mmdebstrap --variant=minbase --components=main --mode=root --skip=cleanup/apt \
    --customize-hook="chroot \"\$1\" apt-get -q -y --no-install-recommends --download-only install $later" \
    "$suite" "$work/root" "$mirror" </dev/null >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    die "mmdebstrap failed"
fi
chmod 755 "$work/root"
say "$suite: $later" >"$work/root/$stamp"
rm -rf --one-file-system "$dir"
mv -T "$work/root" "$dir"
say "$suite is in $dir"
