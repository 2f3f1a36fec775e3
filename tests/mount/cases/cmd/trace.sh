#!/bin/bash
# SPDX-License-Identifier: MIT
# With -vv every request is logged: what it is, and who asks. Without, none.
. "$SFS_LIB/lib.sh"
echo x >"$SRC/f"
start_fg "$SRC" "$MNT"; within 10 up_or_dead "$MNT"; cat "$MNT/f" >/dev/null
stablefs umount "$MNT"; within 5 gone "$DAEMON"
lacks "$(cat "$LOGS/daemon.err")" "lookup"
start_fg -vv "$SRC" "$MNT"; within 10 up_or_dead "$MNT"; cat "$MNT/f" >/dev/null
stablefs umount "$MNT"; within 5 gone "$DAEMON"
matches "$(cat "$LOGS/daemon.err")" "stablefs: $MNT: lookup for process [0-9]+ of user $(id -u)$NL"
matches "$(cat "$LOGS/daemon.err")" "stablefs: $MNT: open for process"
