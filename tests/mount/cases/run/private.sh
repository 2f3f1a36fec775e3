#!/bin/bash
# SPDX-License-Identifier: MIT
# Nobody else sees the view; several at one path do not disturb each other; made directories go with the last of them.
. "$SFS_LIB/lib.sh"
mkfifo "$TMP/ready" "$TMP/go1" "$TMP/go2"
mkdir "$TMP/other"; echo 1 >"$SRC/f"; echo 2 >"$TMP/other/f"
path=$MNT/made/deep
held() { stablefs run --map "$path=$1" -- sh -c "cat '$path/f' >'$TMP/ready'; read x <'$2'; cat '$path/f'; echo own >'$path/mine'" >"$3"; }
held "$SRC" "$TMP/go1" "$TMP/out1" & first=$!
equal "$(cat "$TMP/ready")" 1
held "$TMP/other" "$TMP/go2" "$TMP/out2" & second=$!
equal "$(cat "$TMP/ready")" 2
! grep -q "$MNT" /proc/self/mountinfo || fail "mounted outside"
[ ! -e "$path/f" ] || fail "seen outside"
[ -d "$path" ] || fail "a directory that can be made was not made"
echo >"$TMP/go1"; wait "$first"
[ -d "$path" ] || fail "removed below the second run"
echo >"$TMP/go2"; wait "$second"
equal "$(cat "$TMP/out1" "$TMP/out2" | xargs)" "1 2"
[ -e "$SRC/mine" ] && [ -e "$TMP/other/mine" ] || fail "written elsewhere"
within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
# a stable path that is mounted for all is covered for the command only
mount_map "$SRC" "$MNT"
equal "$(stablefs run --map "$MNT=$TMP/other" -- cat "$MNT/f") $(cat "$MNT/f")" "2 1"
umount_map
# many at the same time, beginning and ending in each other's way
for round in 1 2 3; do
    jobs=()
    for i in 1 2 3 4 5 6 7 8; do
        source=$SRC want=1; [ $((i % 2)) = 0 ] || source=$TMP/other want=2
        { for n in 1 2 3; do
            got=$(stablefs run --map "$path=$source" -- cat "$path/f" 2>&1) || exit 2
            [ "$got" = "$want" ] || exit 1
        done; } & jobs+=($!)
    done
    for pid in "${jobs[@]}"; do wait "$pid" || fail "a run beside others went wrong in round $round"; done
    within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
done
# what somebody has put there stays, and what was there before
mkdir "$MNT/before"
stablefs run --map "$MNT/before=$SRC" --map "$path=$SRC" -- touch "$MNT/made/mine"
[ -d "$MNT/before" ] && [ -e "$MNT/made/mine" ] && [ ! -e "$path" ] || fail "wrong directories removed"
rm -r "$MNT/made"
within 5 nothing_left
