#!/bin/sh
# SPDX-License-Identifier: MIT
# Build the packages of packaging/rpm/stablefs.spec, on Fedora or with Debian's rpmbuild.
#
#   packaging/rpm.sh DIR [TARBALL]
#
# They come to be in DIR, with their source package.  TARBALL is what "make dist" made; without it, it is made of this
# tree.  On Debian what is needed has other names: it is installed by those, and rpmbuild does not look.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

case ${1:-} in
'' | -*) say "usage: $0 DIR [TARBALL]" >&2 && exit 2 ;;
esac
mkdir -p "$1"
out=$(cd "$1" && pwd)
tarball=${2:-}

nodeps=
if command -v dpkg-query >/dev/null; then
    nodeps=--nodeps
    [ "$(id -u)" != 0 ] || "$here/deps.sh" build rpm
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/stablefs-rpm.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
unset MAKEFLAGS MFLAGS DESTDIR

mkdir "$work/SOURCES"
if [ -z "$tarball" ]; then
    "$here/dist.sh" "$work/SOURCES" >/dev/null
else
    cp "$tarball" "$work/SOURCES/"
fi
# Nothing of the machine's own settings for rpm, and no data base of installed packages.
if ! HOME=$work rpmbuild -ba $nodeps --define "_topdir $work" --define "_tmppath $work" --dbpath "$work/db" "$here/rpm/stablefs.spec" \
    >"$work/log" 2>&1 </dev/null; then
    tail -n 60 "$work/log" >&2
    die "rpmbuild failed"
fi
find "$work/RPMS" "$work/SRPMS" -name '*.rpm' -exec cp {} "$out" \;
say "built in $out: $(cd "$out" && echo *.rpm)"
