#!/bin/sh
# SPDX-License-Identifier: MIT
# Build the packages of Debian: stablefs and stablefs-doc.
#
#   packaging/deb.sh DIR [TARBALL]
#
# They come to be in DIR, with their source package.  TARBALL is what "make dist" made; without it, it is made of this
# tree.  The tests of the package are not run while it is built: packaging/check.sh runs them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

case ${1:-} in
'' | -*) say "usage: $0 DIR [TARBALL]" >&2 && exit 2 ;;
esac
mkdir -p "$1"
out=$(cd "$1" && pwd)
tarball=${2:-}

[ "$(id -u)" != 0 ] || "$here/deps.sh" build deb
work=$(mktemp -d "${TMPDIR:-/tmp}/stablefs-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
unset MAKEFLAGS MFLAGS DESTDIR

if [ -z "$tarball" ]; then
    "$here/dist.sh" "$work" >/dev/null
    tarball=$(echo "$work"/stablefs-*.tar.gz)
fi
version=$(basename "$tarball" .tar.gz)
version=${version#stablefs-}
ln -s "$(realpath "$tarball")" "$work/stablefs_$version.orig.tar.gz"
tar -x -C "$work" -f "$tarball"
tree=$work/stablefs-$version
cp -R "$tree/packaging/debian" "$tree/debian"
[ "$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Version | sed 's/-[^-]*$//')" = "$version" ] ||
    die "the version of packaging/debian/changelog is not $version"

cd "$tree"
if ! DEB_BUILD_OPTIONS="nocheck parallel=$(nproc) ${DEB_BUILD_OPTIONS:-}" DEB_BUILD_PROFILES=nocheck \
    dpkg-buildpackage --no-sign >"$work/log" 2>&1 </dev/null; then
    tail -n 60 "$work/log" >&2
    die "dpkg-buildpackage failed"
fi
cp "$work"/stablefs-*.deb "$work"/stablefs_* "$out"
say "built in $out: $(cd "$work" && echo *.deb)"
