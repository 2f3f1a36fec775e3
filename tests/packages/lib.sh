# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What every case of tests/packages shares.  A case is an executable in cases/ that reads this file first.
#
#     $dir      private directory of this run
#
# As root, a case runs in a mount namespace, a process namespace and a /run of its own, so that nothing it mounts or
# starts can stay.  Exit status: 0 passed; 77 skipped, the last line of stdout says why; anything else failed, the last
# line of stderr says why.
set -eu

private=${SFS_PACKAGES_PRIVATE:-no}
if [ "$(id -u)" = 0 ] && [ "$private" = no ]; then
    set -- unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- "$0"
    ! unshare --mount --pid --fork --mount-proc true 2>/dev/null || SFS_PACKAGES_PRIVATE=yes exec "$@"
fi
unset SFS_PACKAGES_PRIVATE STABLEFS_CONFIG CDPATH
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 022

SFS_SOURCE=${SFS_SOURCE:-$(cd "$(dirname "$0")/../../.." && pwd)}
SFS_CACHE=${SFS_CACHE:-$SFS_SOURCE/.cache}

fail()
{
    echo "$*" >&2
    exit 1
}

# skip WHY: this machine cannot run the case, or what it tests was not made.
skip()
{
    echo "$*"
    exit 77
}

# need COMMAND...: skip when one of them is not installed.
need()
{
    for need_cmd in "$@"; do
        command -v "$need_cmd" >/dev/null 2>&1 || skip "$need_cmd is not installed"
    done
}

need_root()
{
    [ "$(id -u)" = 0 ] || skip "SKIP-OK: only root can make a root directory"
    [ "$private" = yes ] || skip "nothing can be mounted here (for a container: --cap-add SYS_ADMIN)"
    [ -c /dev/fuse ] || skip "there is no /dev/fuse"
}

# The static program, or skip.
need_static()
{
    SFS_STATIC=${SFS_STATIC:-$PWD/stablefs-static}
    [ -x "$SFS_STATIC" ] || skip "there is no static program (make static, or name it in \$SFS_STATIC)"
}

# The packages for Debian, or skip.
need_debs()
{
    [ -n "$(ls "${SFS_DEBS:-/nonexistent}"/stablefs_*.changes 2>/dev/null)" ] ||
        skip "there are no packages (packaging/deb.sh DIR makes them; name it in \$SFS_DEBS)"
}

# A root directory of Debian 12 in which nothing was installed, or skip.
need_fresh_root()
{
    [ -s "$SFS_CACHE/bookworm/etc/stablefs-fresh-rootfs" ] ||
        skip "there is no fresh root directory (packaging/fresh-rootfs.sh $SFS_CACHE/bookworm)"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/stablefs-packages.XXXXXX")
chmod 755 "$dir"
trap 'status=$?; cd /; umount -R -l "$dir" 2>/dev/null || :; rm -rf --one-file-system "$dir"; exit $status' EXIT
trap 'exit 130' HUP INT TERM
if [ "$private" = yes ]; then
    mount -t tmpfs -o mode=755 stablefs-packages "$dir"
    mount -t tmpfs -o mode=755 stablefs-packages /run
fi

# eq GOT WANTED WHAT
eq()
{
    [ "$1" = "$2" ] || fail "$3: got \"$(printf %s "$1" | tr '\n' ' ')\", wanted \"$(printf %s "$2" | tr '\n' ' ')\""
}

# kernel_dirs ROOT: /proc, /sys and a small /dev for a root directory, which becomes a mount point as in a container.
kernel_dirs()
{
    mountpoint -q "$1" || mount --bind "$1" "$1"
    mkdir -p "$1/proc" "$1/sys" "$1/dev"
    mount -t proc proc "$1/proc"
    mount -t tmpfs -o mode=755 dev "$1/dev"
    for node in null zero full random urandom tty; do
        mknod -m 666 "$1/dev/$node" c "$((0x$(stat -c %t "/dev/$node")))" "$((0x$(stat -c %T "/dev/$node")))"
    done
    mknod -m 666 "$1/dev/fuse" c 10 229
    ln -s /proc/self/fd "$1/dev/fd"
}

# overlay LOWER ROOT: a root directory that can be written, with the content of LOWER, which stays as it is.
overlay()
{
    mkdir -p "$2" "$2.upper" "$2.work"
    mount -t overlay -o "lowerdir=$1,upperdir=$2.upper,workdir=$2.work" overlay "$2"
    kernel_dirs "$2"
}

# inside ROOT COMMAND...: run it there, with nothing of our environment.
inside()
{
    inside_root=$1
    shift
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive chroot "$inside_root" "$@"
}

# container ROOT UID COMMAND...: as a container does it, as this user and in a mount namespace of its own.
container()
{
    unshare --mount --propagation private python3 "$SFS_SOURCE/tests/packages/container.py" "$@"
}

# daemons: the process numbers of all that run stablefs in this process namespace.
daemons()
{
    for daemons_exe in /proc/[0-9]*/exe; do
        case $(readlink "$daemons_exe" 2>/dev/null) in
        */stablefs | */stablefs-static) daemons_exe=${daemons_exe#/proc/} && echo "${daemons_exe%/exe}" ;;
        esac
    done
}

# kill_daemons COMMAND...: kill them, and wait until this command, which asks one of them, says that it has gone.
kill_daemons()
{
    for kill_pid in $(daemons); do
        kill -KILL "$kill_pid" || :
    done
    until "$@" 2>&1 | grep -q 'not connected'; do
        sleep 0.1
    done
}

# nothing_left: no map of stablefs is mounted below $dir, and no daemon runs in this process namespace.
nothing_left()
{
    nothing_mounts=$(awk -v top="$dir/" 'index($5, top) == 1 && / - fuse/ { print $5 }' /proc/self/mountinfo)
    [ -z "$nothing_mounts" ] || fail "still mounted: $nothing_mounts"
    for nothing_pid in $(daemons); do
        fail "still running: $(tr '\0' ' ' <"/proc/$nothing_pid/cmdline")"
    done
}

# The same, soon: umount(8) returns before a daemon has ended.
wait_for_nothing()
{
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        ! (nothing_left) 2>/dev/null || return 0
        sleep 0.2
    done
    nothing_left
}
