#!/bin/sh
# SPDX-License-Identifier: MIT
# Build libfuse 3.18 for Debian 12 from the source package of Debian's next release.
#
#   packaging/libfuse318.sh [--peer] PREFIX
#
# Afterwards: PKG_CONFIG_PATH=PREFIX/lib/pkgconfig ./configure
#
# --peer also builds libfuse's own passthrough_hp, which the benchmark measures, as PREFIX/bin/passthrough_hp.
#
# The library only, shared and static: fusermount3 stays the system's, which is set-uid; libfuse finds it in PATH.  The machine's own apt
# sources and lists are not touched: a private source list, state and cache, and the archive's signature is checked
# with debian-archive-keyring.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

# Where newer libfuse comes from, and what is asked of it.
suite=forky
wanted=3.18

peer=no
if [ "${1:-}" = --peer ]; then
    peer=yes
    shift
fi
case ${1:-} in
/*) prefix=${1%/} ;;
'' | -*) say "usage: $0 [--peer] PREFIX" >&2 && exit 2 ;;
*) prefix=$(pwd)/${1%/} ;;
esac

version_in()
{
    [ -e "$1/lib/libfuse3.so" ] && [ -e "$1/lib/libfuse3.a" ] && PKG_CONFIG_LIBDIR=$1/lib/pkgconfig pkg-config --modversion fuse3 2>/dev/null
}

# What it is linked with is needed by all who link with it, also when it was built elsewhere.
install_packages pkg-config liburing-dev libnuma-dev
build_library=yes
if have=$(version_in "$prefix") && dpkg --compare-versions "$have" ge $wanted; then
    build_library=no
fi
[ ! -x "$prefix/bin/passthrough_hp" ] || [ $build_library = yes ] || peer=no
if [ $build_library$peer = nono ]; then
    say "libfuse $have is in $prefix already (PKG_CONFIG_PATH=$prefix/lib/pkgconfig)"
    exit 0
fi

install_packages gcc libc6-dev meson ninja-build dpkg-dev debian-archive-keyring ca-certificates
[ $peer = no ] || install_packages g++
mirror=$(debian_mirror)

mkdir -p "$(dirname "$prefix")"
work=$(mktemp -d "$prefix.new.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/source"
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/apt/sources.list"
private_apt()
{
    apt-get -q -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt" -o Dir::Cache::Archives="$work/apt/archives" \
        -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any "$@" </dev/null
}
log=$work/log
run()
{
    if ! "$@" >>"$log" 2>&1; then
        tail -n 40 "$log" >&2
        die "failed: $*"
    fi
}

run private_apt update
cd "$work/source"
run private_apt source fuse3
tree=$(find . -mindepth 1 -maxdepth 1 -type d)
[ -f "$tree/meson.build" ] || die "the source package of fuse3 is not as expected: no meson.build in $tree"
cd "$tree"

build_library()
{
    run meson setup build --prefix="$prefix" --libdir=lib --buildtype=debugoptimized --default-library=both \
        -Dutils=false -Dexamples=false -Dtests=false -Denable-io-uring=true
    run ninja -C build
    run env DESTDIR="$work/root" meson install -C build --no-rebuild

    have=$(sed -n 's/^Version: *//p' "$work/root$prefix/lib/pkgconfig/fuse3.pc")
    dpkg --compare-versions "$have" ge $wanted || die "$suite has libfuse $have, wanted is $wanted or later"
    rm -rf "$prefix"
    mv -T "$work/root$prefix" "$prefix"
    say "libfuse $have is in $prefix (PKG_CONFIG_PATH=$prefix/lib/pkgconfig)"
}

# With the library in it, so that it can be run from anywhere; optimized as Debian's own programs are.
build_peer()
{
    run meson setup build-peer --buildtype=release --default-library=static \
        -Dutils=false -Dexamples=true -Dtests=false -Denable-io-uring=true
    run ninja -C build-peer example/passthrough_hp
    mkdir -p "$prefix/bin"
    install -s build-peer/example/passthrough_hp "$prefix/bin/passthrough_hp.new"
    mv "$prefix/bin/passthrough_hp.new" "$prefix/bin/passthrough_hp"
    say "passthrough_hp is in $prefix/bin"
}

[ $build_library = no ] || build_library
[ $peer = no ] || build_peer
