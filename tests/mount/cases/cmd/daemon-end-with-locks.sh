#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGTERM while locks wait and requests run: it ends, and the waiter gets an error instead of hanging.
. "$SFS_LIB/lib.sh"
touch "$SRC/f"
mount_fg
exec 7<"$SRC/f"; flock 7
flock "$MNT/f" true & waiter=$!
sleep 0.3
kill -TERM "$DAEMON"; sleep 0.3; kill -TERM "$DAEMON" 2>/dev/null || true
within 5 gone "$DAEMON"
within 5 gone "$waiter"
wait "$DAEMON" || true
forget_daemon
exec 7<&-
