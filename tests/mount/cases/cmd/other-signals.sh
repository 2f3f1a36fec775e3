#!/bin/bash
# SPDX-License-Identifier: MIT
# In the foreground SIGHUP and SIGPIPE do not leave a dead mount behind.
. "$SFS_LIB/lib.sh"
for how in PIPE HUP; do
    mount_fg
    kill -"$how" "$DAEMON"
    sleep 0.2
    if gone "$DAEMON"; then
        ! mounted "$MNT" || fail "SIG$how ended the daemon, the mount stayed"
        wait "$DAEMON" || true
    else
        ls "$MNT" >/dev/null || fail "no answer after SIG$how"
        stablefs umount "$MNT"; wait "$DAEMON" || fail "status after SIG$how"
    fi
    forget_daemon
done
