#!/bin/sh
# SPDX-License-Identifier: MIT
# Install what is missing from Debian's own packages.
#
#   packaging/deps.sh [--list] [GROUP...]        default: all groups
#
#   build     ./configure and make
#   check     make check
#   mount     tests/mount/run
#   real      tests/real/run (tests/real/packages.txt)
#   quickstart  what packaging/quickstart.sh shows
#   deb       packaging/deb.sh
#   rpm       packaging/rpm.sh
#   packages  what tests/packages/run tests
#   containers  tests/containers/run: Debian's dockerd and buildah, both with runc
#   bench     what tests/bench/run measures beside stablefs, and what it works with
#   variants  the further builds of packaging/check.sh: clang, sanitizers, fuzzing
#
# --list prints the packages that are missing and installs nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

packages_of()
{
    case $1 in
    build)
        echo autoconf automake gcc libc6-dev make pkg-config libfuse3-dev libinih-dev libcap-ng-dev libseccomp-dev \
            libssl-dev libjansson-dev libbsd-dev uthash-dev
        ;;
    check) echo libcriterion-dev mandoc python3 ;;
    mount) echo fuse3 python3 attr acl util-linux procps git uidmap ;;
    real)
        # shellcheck disable=SC2046
        echo $(sed 's/#.*//' "$here/../tests/real/packages.txt")
        ;;
    quickstart) echo ccache cmake fuse3 gcc git make ninja-build python3 util-linux ;;
    deb) echo build-essential debhelper dpkg-dev fakeroot lintian ;;
    rpm) echo rpm ;;
    packages)
        # what tests/packages/run tries
        echo bash bubblewrap busybox-static binutils crun fish fuse3 python3 runc systemd util-linux zsh
        ;;
    containers) echo buildah docker.io git procps python3 runc tar util-linux ;;
    bench)
        # g++ and meson: for packaging/libfuse318.sh --peer
        echo bindfs fio fuse-overlayfs g++ git mergerfs meson ninja-build python3 python3-sympy unionfs-fuse util-linux
        ;;
    variants) echo clang libclang-rt-dev llvm shellcheck ;;
    *) die "no such group: $1 (build, check, mount, real, deb, rpm, packages, containers, quickstart," "bench, variants)" ;;
    esac
}

list=no
case ${1:-} in
--list) list=yes && shift ;;
-h | --help) sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && exit 0 ;;
-*) say "usage: $0 [--list] [GROUP...]" >&2 && exit 2 ;;
esac
[ $# -gt 0 ] || set -- build check mount real variants

wanted=
for group in "$@"; do
    wanted="$wanted $(packages_of "$group")"
done
if [ $list = yes ]; then
    # shellcheck disable=SC2086 # a list of words
    missing_packages $wanted
else
    # shellcheck disable=SC2086
    install_packages $wanted
fi
