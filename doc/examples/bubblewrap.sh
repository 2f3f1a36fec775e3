#!/bin/sh
# SPDX-License-Identifier: MIT
# Run a command in a sandbox of bubblewrap, without capabilities and without /dev/fuse, that has stable paths all the
# same.  The maps are mounted outside: by the same user, or by root for everybody.
#
#     stablefs mount ~/.julia ~/stable/depot
#     bubblewrap.sh [INSIDE=STABLE[,ro]]... -- COMMAND [ARGUMENT...]
#     bubblewrap.sh /depot-stable=$HOME/stable/depot -- julia --version
#
# INSIDE is the path in the sandbox, any; STABLE the path of the map outside.  Change below what else the sandbox has: it
# is the system's programs, a /tmp of its own, and no network.
set -eu

usage()
{
    sed -n '/^#     /s/^# *//p' "$0" >&2
    exit 2
}

# Each map becomes options of bwrap; what follows the first -- stays as it is.
left=$# command=no
while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    if [ $command = yes ]; then
        set -- "$@" "$word"
        continue
    fi
    inside=${word%%=*} stable=${word#*=} bind=--bind
    case $stable in
    *,ro) stable=${stable%,ro} bind=--ro-bind ;;
    esac
    case $word in
    --) command=yes && set -- "$@" -- ;;
    /*=/*) set -- "$@" $bind "$stable" "$inside" ;;
    *) usage ;;
    esac
done
[ $command = yes ] || usage

# /bin and its like are links to /usr on most systems.
for top in bin lib lib32 lib64 sbin; do
    if [ -L "/$top" ]; then
        set -- --symlink "$(readlink "/$top")" "/$top" "$@"
    elif [ -d "/$top" ]; then
        set -- --ro-bind "/$top" "/$top" "$@"
    fi
done
exec bwrap --unshare-all --die-with-parent --new-session --cap-drop ALL --chdir / \
    --ro-bind /usr /usr --ro-bind /etc /etc --proc /proc --dev /dev --tmpfs /tmp "$@"
