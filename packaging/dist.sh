#!/bin/sh
# SPDX-License-Identifier: MIT
# Make the source tarball of this tree, as "make dist" does, and leave the tree as it is.
#
#   packaging/dist.sh DIR        it comes to be in DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

case ${1:-} in
'' | -*) say "usage: $0 DIR" >&2 && exit 2 ;;
esac
mkdir -p "$1"
out=$(cd "$1" && pwd)
tree=$(dirname "$here")

work=$(mktemp -d "${TMPDIR:-/tmp}/stablefs-dist.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
unset MAKEFLAGS MFLAGS DESTDIR

run()
{
    if ! "$@" >>"$work/log" 2>&1 </dev/null; then
        tail -n 40 "$work/log" >&2
        die "failed: $*"
    fi
}

mkdir "$work/tree" "$work/build"
cd "$tree"
if git ls-files >/dev/null 2>&1; then
    # what is known to git and still there, and what is new
    git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c '
        for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
        tar -c --null --no-recursion -T - -f - | tar -x -C "$work/tree" --no-same-owner -f -
else
    tar -c --exclude=./.git --exclude=./.cache --exclude=./build --exclude=autom4te.cache -f - . |
        tar -x -C "$work/tree" --no-same-owner -f -
fi
cd "$work/tree"
run autoreconf -fi
cd "$work/build"
run ../tree/configure --disable-tests
run make dist
cp stablefs-*.tar.gz "$out"
say "$out/$(echo stablefs-*.tar.gz)"
