#!/bin/bash
# SPDX-License-Identifier: MIT
# The daemon is killed while files are open and calls under way: errors at once, nobody hangs, unmounting works.
. "$SFS_LIB/lib.sh"
seq 1 200000 >"$SRC/f"
mount_map
pid=$(daemon_of "$MNT")
exec 7<>"$MNT/f"
(while cat "$MNT/f" >/dev/null 2>&1; do :; done; true) & reader=$!
touch "$SRC/lock"; exec 8<"$SRC/lock"; flock 8; flock "$MNT/lock" true & waiter=$!
sleep 0.2
kill -9 "$pid"
within 5 gone "$pid"
within 5 gone "$waiter"
within 5 gone "$reader"
! echo x >&7 2>/dev/null || ! sync -d "/proc/$$/fd/7" 2>/dev/null || fail "a write to a dead map succeeded"
exec 7<&- 8<&-
status=0; stablefs umount "$MNT" 2>/dev/null || status=$?
! mounted "$MNT" || fail "still mounted (umount ended with $status)"
FILES=()
