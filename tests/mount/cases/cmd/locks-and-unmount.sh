#!/bin/bash
# SPDX-License-Identifier: MIT
# Waiting locks and open files do not keep a daemon from ending: --lazy, then everything closed.
. "$SFS_LIB/lib.sh"
touch "$SRC/f"
mount_fg
exec 7<"$SRC/f"; flock 7
flock "$MNT/f" true & waiter=$!
sleep 0.3
status 4 stablefs umount "$MNT"
matches "$(err)" "$waiter \\(flock"
stablefs umount --lazy "$MNT"
kill "$waiter"; wait "$waiter" 2>/dev/null || true
within 5 gone "$DAEMON"
wait "$DAEMON" || fail "status"
forget_daemon
exec 7<&-
