#!/bin/sh
# SPDX-License-Identifier: MIT
# The race test, on one mounted map for each way of serving: run.sh [MODE...]
#
#   SFS_RACE_SECONDS  for all modes together (10)
#   SFS_RACE_SEED     the seed that a failure named (a new one each time)
#   SFS_RACE_DIR      where sources and mounts are made ($TMPDIR)
#   SFS_RACE_THREADS  of each kind (4)
#
# Exits 77 when nothing can be mounted here.  A failure leaves its folder, and says where it is.
set -u
: "${STABLEFS:=$(command -v stablefs)}" "${RACE:=${abs_builddir:-.}/tests/race/race}"
here=$(cd "$(dirname "$0")" && pwd)
export LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$here/../lsan.supp:print_suppressions=0"

skip() { echo "$1"; exit 77; }
[ -x "$STABLEFS" ] || skip "no program to test: $STABLEFS"
[ -w /dev/fuse ] || skip "/dev/fuse cannot be opened here"
[ "$(id -u)" = 0 ] || command -v fusermount3 >/dev/null || skip "not root, and there is no fusermount3"

modes=${*:-default none ttl cached direct files64}
count=0
for mode in $modes; do count=$((count + 1)); done
seconds=$((${SFS_RACE_SECONDS:-10} / count))
[ "$seconds" -gt 0 ] || seconds=1
folder=$(mktemp -d "${SFS_RACE_DIR:-${TMPDIR:-/tmp}}/race.XXXXXX") || exit 99
chmod 755 "$folder"
failed=0 passed=0

options_of() {
    case $1 in
    default | files64) ;;
    none) echo cache=none ;;
    ttl) echo cache=ttl:60 ;;
    cached | direct) echo "io=$1" ;;
    *) echo "run.sh: there is no mode $1" >&2; exit 2 ;;
    esac
}

# Wait until the map answers, or its daemon has ended.
wait_mounted() {
    while ! "$STABLEFS" status "$mnt" >/dev/null 2>&1; do
        kill -0 "$daemon" 2>/dev/null || return 1
        sleep 0.1
    done
}

# Everything about one mode; prints why it failed.
one() {
    mode=$1 dir=$folder/$1 log=$folder/$1.log
    mnt=$dir/mnt
    mkdir -p "$dir/src" "$mnt" || return 1
    options=$(options_of "$mode") || exit 2
    (
        # shellcheck disable=SC3045 # not POSIX, but dash and bash have it
        [ "$mode" != files64 ] || ulimit -n 64
        exec "$STABLEFS" mount -f ${options:+-o "$options"} "$dir/src" "$mnt"
    ) >"$log" 2>&1 &
    daemon=$!
    wait_mounted || { wait "$daemon"; status=$?; cat "$log"; [ $status = 5 ] && return 77; return 1; }
    why=
    # with few descriptors not all that is replaced stays reachable (stablefs-semantics(7), Descriptors), and the kernel
    # looks a name up again only once
    stale=0
    [ "$mode" != files64 ] || stale=20
    "$RACE" "$mnt" --source "$dir/src" --seconds "$seconds" --threads "${SFS_RACE_THREADS:-4}" --stale "$stale" \
        ${SFS_RACE_SEED:+--seed "$SFS_RACE_SEED"} || why="race failed"
    # the last requests to close files may still be on their way
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        open=$("$STABLEFS" status --json "$mnt" | sed -n 's/.*"handles": \([0-9]*\).*/\1/p')
        [ "$open" = 0 ] && break
        sleep 0.2
    done
    [ "$open" = 0 ] || why="${why:+$why, }status counts '$open' open files"
    "$STABLEFS" umount "$mnt" || { why="${why:+$why, }umount failed"; kill "$daemon"; }
    wait "$daemon" || why="${why:+$why, }the daemon ended with $?"
    if [ -s "$log" ]; then
        why="${why:+$why, }the daemon said something"
        cat "$log"
    fi
    [ -z "$why" ] && return 0
    echo "$why"
    return 1
}

for mode in $modes; do
    one "$mode"
    case $? in
    0) echo "PASS race/$mode"; passed=$((passed + 1)) ;;
    77) echo "SKIP race/$mode: mounting is refused here" ;;
    *) echo "FAIL race/$mode: see above, and $folder"; failed=$((failed + 1)) ;;
    esac
done
[ $failed -gt 0 ] && exit 1
rm -rf "$folder"
[ $passed -gt 0 ] || skip "mounting is refused here"
exit 0
