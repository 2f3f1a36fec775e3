#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGTERM with a busy mount: the holders are logged, it is detached, what is open is served to its end.
. "$SFS_LIB/lib.sh"
seq 1 100000 >"$SRC/f"
mount_fg
exec 7<>"$MNT/f"
head -c 10 <&7 >/dev/null
kill -TERM "$DAEMON"
within 5 not mounted "$MNT"
matches "$(cat "$LOGS/daemon.err")" "$$ \\("
equal "$(tail -c 7 /dev/fd/7)" "100000"
echo tail >&7
! gone "$DAEMON" || fail "ended with a file open"
exec 7<&-
within 5 gone "$DAEMON"
wait "$DAEMON" || fail "status"
forget_daemon
# a second signal ends at once
mount_fg; exec 7<"$MNT/f"; kill -TERM "$DAEMON"; within 5 not mounted "$MNT"; kill -TERM "$DAEMON"
within 5 gone "$DAEMON"; wait "$DAEMON" || true; forget_daemon; exec 7<&-
